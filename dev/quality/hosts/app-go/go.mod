module example.test/app

go 1.21.4

require (
	golang.org/x/crypto v0.16.0
	golang.org/x/net v0.0.0-20220722155237-a158d28d115b
	golang.org/x/text v0.3.7
	github.com/gin-gonic/gin v1.9.0
	github.com/golang-jwt/jwt/v4 v4.5.1
	github.com/docker/docker v24.0.7+incompatible
	github.com/containerd/containerd v1.6.26
	github.com/gogo/protobuf v1.3.1
	gopkg.in/yaml.v3 v3.0.0-20200313102051-9f266ea9e77c
	golang.org/x/sys v0.0.0-20210630005230-0f9fa26af87c
)
