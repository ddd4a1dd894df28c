// Osvlocal answers what osv-scanner's own matcher says of packages given line by line: an oracle for osv_versions.py.
//
//	osvlocal all.zip < ecosystem<TAB>name<TAB>version lines → ids of the records that hold, one line each
//
// It only feeds osv-scalibr's matcher (the library below osv-scanner 2); it decides nothing itself. An ecosystem is OSV's,
// with the release: `Debian:12`, `Red Hat:enterprise_linux:9::baseos`.
package main

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"log"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/google/osv-scalibr/enricher/vulnmatch/osvlocal"
	"github.com/google/osv-scalibr/extractor"
	apkmeta "github.com/google/osv-scalibr/extractor/filesystem/os/apk/metadata"
	dpkgmeta "github.com/google/osv-scalibr/extractor/filesystem/os/dpkg/metadata"
	rpmmeta "github.com/google/osv-scalibr/extractor/filesystem/os/rpm/metadata"
	"github.com/google/osv-scalibr/purl"
	osvpb "github.com/ossf/osv-schema/bindings/go/osvschema"
	"google.golang.org/protobuf/encoding/protojson"
)

func main() {
	records := load(os.Args[1])
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		parts := strings.SplitN(lines.Text(), "\t", 3)
		fmt.Fprintln(out, strings.Join(ask(records[parts[1]], parts[0], parts[1], parts[2]), " "))
	}
}

// load reads the archive, by the name of the packages in each record.
func load(path string) map[string][]*osvpb.Vulnerability {
	archive, err := zip.OpenReader(path)
	if err != nil {
		log.Fatal(err)
	}
	records := map[string][]*osvpb.Vulnerability{}
	for _, file := range archive.File {
		reader, err := file.Open()
		if err != nil {
			log.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if err != nil {
			log.Fatal(err)
		}
		record := &osvpb.Vulnerability{}
		if err := protojson.Unmarshal(content, record); err != nil {
			fmt.Fprintln(os.Stderr, "not loaded:", file.Name, err)
			continue
		}
		seen := map[string]bool{}
		for _, affected := range record.GetAffected() {
			if name := affected.GetPackage().GetName(); !seen[name] {
				seen[name] = true
				records[name] = append(records[name], record)
			}
		}
	}
	return records
}

func ask(records []*osvpb.Vulnerability, ecosystem, name, version string) (ids []string) {
	defer func() {
		if problem := recover(); problem != nil {
			ids = []string{"error:", strings.ReplaceAll(fmt.Sprint(problem), "\n", " ")}
		}
	}()
	for _, record := range osvlocal.VulnerabilitiesAffectingPackage(records, describe(ecosystem, name, version)) {
		ids = append(ids, record.GetId())
	}
	sort.Strings(ids)
	return ids
}

var types = map[string]string{
	"npm": purl.TypeNPM, "PyPI": purl.TypePyPi, "Maven": purl.TypeMaven, "Go": purl.TypeGolang, "NuGet": purl.TypeNuget,
	"RubyGems": purl.TypeGem, "crates.io": purl.TypeCargo, "Packagist": purl.TypeComposer,
}

// describe is the package as their extractors would give it.
func describe(ecosystem, name, version string) *extractor.Package {
	family, release, _ := strings.Cut(ecosystem, ":")
	p := &extractor.Package{Name: name, Version: version, PURLType: types[family]}
	rpm := &rpmmeta.Metadata{PackageName: name, OSVersionID: release}
	switch family {
	case "Debian":
		p.PURLType, p.Metadata = purl.TypeDebian, &dpkgmeta.Metadata{SourceName: name, OSID: "debian", OSVersionID: release}
		return p
	case "Alpine":
		p.PURLType, p.Metadata = purl.TypeApk, &apkmeta.Metadata{OriginName: name, OSID: "alpine", OSVersionID: strings.TrimPrefix(release, "v")}
		return p
	case "Red Hat":
		rpm.OSID, rpm.OSCPEName = "rhel", "cpe:/o:redhat:"+release
	case "AlmaLinux":
		rpm.OSID = "almalinux"
	case "Rocky Linux":
		rpm.OSID = "rocky"
	default:
		return p
	}
	if epoch, rest, found := strings.Cut(version, ":"); found {
		rpm.Epoch, _ = strconv.Atoi(epoch)
		p.Version = rest
	}
	p.PURLType, p.Metadata = purl.TypeRPM, rpm
	return p
}
