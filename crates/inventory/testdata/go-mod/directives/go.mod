module example.com/app

go 1.22.1

toolchain go1.22.4

require rsc.io/quote v1.5.1 // a comment

require (
	"github.com/docker/docker" v20.10.11+incompatible // indirect
	//github.com/ignored/this v9.9.9
	github.com/excluded/one v1.0.0
	github.com/local/replaced v1.0.0
	github.com/one/version v1.0.0
	github.com/other/version v1.2.0
	gopkg.in/yaml.v3 v3.0.0-20210107192922-496545a6307b // indirect
)

exclude github.com/excluded/one v1.0.0

replace (
	github.com/local/replaced => ../replaced
	github.com/one/version v1.0.0 => github.com/fork/version v1.0.1
	github.com/other/version v1.0.0 => github.com/fork/other v1.0.1
	rsc.io/quote => rsc.io/quote v1.5.2
)

retract [v0.1.0, v0.2.0]

tool example.com/tool

required github.com/misspelt/verb v1.0.0
