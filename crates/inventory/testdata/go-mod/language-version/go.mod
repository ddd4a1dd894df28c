module (
	example.com/app
)
go 1.16
require github.com/bmatcuk/doublestar v1.3.1
