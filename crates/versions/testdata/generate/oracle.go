// Oracles written in Go, chosen by the first argument: golang.org/x/mod/semver (go), github.com/bitnami/go-version
// (bitnami), and osv-scalibr's comparison for an OSV ecosystem (any other name), where no native tool can be run.
// Reads a<TAB>b lines, writes one of < = > ! (invalid) a line. `go mod tidy` fetches the modules.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	bitnami "github.com/bitnami/go-version/pkg/version"
	"github.com/google/osv-scalibr/semantic"
	"golang.org/x/mod/semver"
)

func compare(oracle, a, b string) (int, error) {
	switch oracle {
	case "go":
		if !semver.IsValid(a) || !semver.IsValid(b) {
			return 0, fmt.Errorf("invalid")
		}
		return semver.Compare(a, b), nil
	case "bitnami":
		x, err := bitnami.Parse(a)
		if err != nil {
			return 0, err
		}
		y, err := bitnami.Parse(b)
		if err != nil {
			return 0, err
		}
		return x.Compare(y), nil
	default:
		x, err := semantic.Parse(a, oracle)
		if err != nil {
			return 0, err
		}
		return x.CompareStr(b)
	}
}

func main() {
	modules := map[string]string{"go": "golang.org/x/mod", "bitnami": "github.com/bitnami/go-version"}
	oracle := os.Args[1]
	if len(os.Args) > 2 {
		module, ok := modules[oracle]
		if !ok {
			module = "github.com/google/osv-scalibr"
		}
		info, _ := debug.ReadBuildInfo()
		for _, dependency := range info.Deps {
			if dependency.Path == module {
				fmt.Println(module, dependency.Version)
			}
		}
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		a, b, _ := strings.Cut(lines.Text(), "\t")
		sign, err := compare(oracle, a, b)
		switch {
		case err != nil:
			fmt.Println("!")
		case sign < 0:
			fmt.Println("<")
		case sign > 0:
			fmt.Println(">")
		default:
			fmt.Println("=")
		}
	}
}
