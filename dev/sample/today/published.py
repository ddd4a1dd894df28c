"""What was really published: every package version of the sample must be found here, and is listed with where it was found."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections import defaultdict
from pathlib import Path

from .ordering import key

CONTAINER = "inventory/dpkg-status.debian12-build-container.zst"
SBOMS = "sbom/sboms.zip"
STRETCH = "google+osv-scanner/cmd/osv-scanner/scan/source/testdata/sbom-insecure/postgres-stretch.cdx.xml"
FIXTURES = "inventory/os-package-db-fixtures.zip"
ALPINE_318 = "google+osv-scalibr/extractor/filesystem/os/apk/testdata/installed"
LANGUAGES = ("Maven", "npm", "PyPI", "Go")


class Published:
    """Names and versions by ecosystem, each with where it was seen first."""

    def __init__(self, data: Path, wanted: set[str]):
        """Reads the archives of the ecosystems `wanted` (`Debian:12`, `npm`, …)."""
        self.data = data
        self.records: dict[str, list[dict]] = {}
        self._seen: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        self._fixes: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self.container = self._read_container()
        self.stretch = self._read_stretch()
        self.alpine_318 = self._read_alpine()
        self._read_sboms()
        for family in sorted({ecosystem.split(":")[0] for ecosystem in wanted}):
            self._read_osv(family, wanted)

    def where(self, ecosystem: str, name: str, version: str) -> str | None:
        """Where the version was seen, or nothing."""
        return self._seen[ecosystem, name].get(version)

    def newest(self, ecosystem: str, name: str, before: str) -> str:
        """The newest fixed build, of no module stream, that an erratum last changed before an instant names."""
        builds = [version for modified, version in self._fixes[ecosystem, name] if modified < before and "module" not in version]
        if not builds:
            raise SystemExit(f"no build of {name} in {ecosystem} was published before {before}")
        return max(builds, key=key(ecosystem))

    def _note(self, ecosystem: str, name: str, version: str, source: str) -> None:
        self._seen[ecosystem, name].setdefault(version, source)

    def _read_container(self) -> dict[str, dict]:
        status = subprocess.run(["zstd", "-dcq", self.data / CONTAINER], check=True, capture_output=True).stdout.decode()
        packages = {}
        for paragraph in status.split("\n\n"):
            fields = dict(re.findall(r"^([A-Z][\w-]*): (.*)$", paragraph, re.M))
            if fields.get("Status", "").endswith(" installed"):
                packages[fields["Package"]] = fields
                self._note("Debian:12", fields["Package"], fields["Version"], "a Debian 12 container's dpkg status")
        return packages

    def _read_stretch(self) -> list[tuple[str, str, str]]:
        """Debian 9: name, version, source package."""
        text = zipfile.ZipFile(self.data / SBOMS).read(STRETCH).decode()
        packages = {}
        for name, version, rest in re.findall(r"<purl>pkg:deb/debian/([^@<]+)@([^?<]+)\?([^<]*)</purl>", text):
            source = re.search(r"upstream=([^&%]+)", rest)
            packages[name] = (name, version, source.group(1) if source else name)
            self._note("Debian:9", name, version, "SBOM of a Debian 9 image (osv-scanner's test data)")
        return sorted(packages.values())

    def _read_alpine(self) -> list[tuple[str, str, str]]:
        """Alpine 3.18: name, version, origin."""
        text = zipfile.ZipFile(self.data / FIXTURES).read(ALPINE_318).decode()
        packages = []
        for paragraph in text.split("\n\n"):
            fields = dict(re.findall(r"^([PVo]):(.*)$", paragraph, re.M))
            if "P" in fields:
                packages.append((fields["P"], fields["V"], fields["o"]))
                self._note("Alpine:v3.18", fields["P"], fields["V"], "apk database of an Alpine 3.18 image (osv-scalibr's test data)")
        return packages

    def _read_sboms(self) -> None:
        types = {"maven": "Maven", "npm": "npm"}
        archive = zipfile.ZipFile(self.data / SBOMS)
        for member in sorted(archive.namelist()):
            text = archive.read(member).decode("utf-8", "replace")
            for kind, name, version in re.findall(r"pkg:(maven|npm)/([^@\"\s<?#]+)@([^\"\s<?#&]+)", text):
                name = name.replace("/", ":") if kind == "maven" else name
                self._note(types[kind], name, version, f"SBOM {Path(member).name}")

    def _read_osv(self, family: str, wanted: set[str]) -> None:
        archive = zipfile.ZipFile(self.data / "osv" / family / "all.zip")
        self.records[family] = []
        for member in sorted(n for n in archive.namelist() if n.endswith(".json")):
            record = json.loads(archive.read(member))
            mine = [a for a in record.get("affected", []) if a.get("package", {}).get("ecosystem") in wanted]
            if not mine or record.get("withdrawn"):
                continue
            record["affected"] = mine
            self.records[family].append(record)
            for affected in mine:
                self._note_affected(record, affected)

    def _note_affected(self, record: dict, affected: dict) -> None:
        ecosystem, name = affected["package"]["ecosystem"], affected["package"]["name"]
        for version in affected.get("versions", []):
            self._note(ecosystem, name, version, f"version listed by {record['id']}")
        for span in affected.get("ranges", []):
            for event in span["events"]:
                if "fixed" in event and span["type"] != "GIT":
                    self._note(ecosystem, name, event["fixed"], f"fixed version of {record['id']}")
                    self._fixes[ecosystem, name].append((record["modified"], event["fixed"]))
