module example.com/gateway

go 1.24

require (
	github.com/golang-jwt/jwt/v5 v5.2.2
	golang.org/x/crypto v0.52.0
	golang.org/x/net v0.55.0
	golang.org/x/oauth2 v0.27.0
	golang.org/x/sys v0.44.0
	google.golang.org/grpc v1.79.3
	google.golang.org/protobuf v1.33.0
)
