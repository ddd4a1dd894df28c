#!/usr/bin/env python3
"""Writes which source package each binary package is built from, for lists of installed packages that do not say.

    source_names.py [--data DIR] [--out DIR]

debian.txt comes from the package indexes apt has on this machine (run `apt-get update` first; main of Debian 12 was used),
alpine.txt from the package databases, SBOMs and advisories below --data. Names only, no versions: they are facts, and they stay right
when the archive moves on. The same input gives the same bytes. How a line reads is told in formats/source_names.rs.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import subprocess
import urllib.parse
import zipfile
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "crates/inventory/src/formats/source_names"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*")
Names = dict[str, tuple[str, bool]]


def debian() -> Names:
    """Binary → source, and whether the binary has a version number of its own (Source: lvm2 (2.03.16-2))."""
    text = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, text=True, check=True).stdout
    names: Names = {}
    for stanza in text.split("\n\n"):
        fields = dict(re.findall(r"^(Package|Source|Version|Origin|Filename): (.*)$", stanza, re.M))
        if "Package" not in fields or not fields.get("Filename", "").startswith("pool/"):
            continue
        if not fields["Filename"].startswith(("pool/main/", "pool/updates/main/")):
            continue
        source, _, version = fields.get("Source", fields["Package"]).partition(" (")
        built = re.sub(r"\+b\d+$", "", fields["Version"])
        own_version = bool(version) and version.rstrip(")") != built
        # The tracker knows the kernel's own source, whose version the signed binaries carry.
        if signed := re.fullmatch(r"linux-signed-(?:(\d[\d.]*)-)?\w+", source):
            source, own_version = "-".join(filter(None, ["linux", signed[1]])), False
        names[fields["Package"]] = (source, own_version)
    return names


def alpine(data: Path) -> Names:
    """Subpackage → origin, from advisories, and from every apk database and apk package URL in the archives."""
    names: Names = {}
    # Alpine's advisories name origins, and nearly every origin has a package of its own name.
    for archive in sorted(data.glob("osv/Alpine/*.zip")):
        with zipfile.ZipFile(archive) as members:
            for member in members.namelist():
                for affected in json.loads(members.read(member)).get("affected", []):
                    origin = affected.get("package", {}).get("name", "")
                    names[origin] = (origin, False)
    for archive in sorted(data.glob("*/*.zip")):
        if archive.parent.name not in ("inventory", "sbom"):
            continue
        with zipfile.ZipFile(archive) as members:
            for member in sorted(members.namelist()):
                text = members.read(member).decode("utf-8", "replace")
                if "/apk/" in member:
                    for record in text.split("\n\n"):
                        fields = dict(re.findall(r"^([Po]):(.*)$", record, re.M))
                        if "P" in fields and "o" in fields:
                            names[fields["P"]] = (fields["o"], False)
                for name, query in re.findall(r"pkg:(?:apk|alpine)/alpine/([^@\"\s<]+)@[^?\"\s<]*\?([^\"\s<]*)", text):
                    qualifiers = urllib.parse.parse_qs(query.replace("&amp;", "&"))
                    for origin in qualifiers.get("upstream", []) + qualifiers.get("origin", []):
                        names[urllib.parse.unquote(name)] = (origin.partition("@")[0], False)
    return names


def written(names: Names, about: str) -> str:
    """A line a source: its name, then its binaries; `=` stands for the source's name, `!` for a version of its own."""
    by_source: dict[str, list[str]] = collections.defaultdict(list)
    for binary, (source, own_version) in names.items():
        if NAME.fullmatch(binary) and NAME.fullmatch(source):
            short = "=" + binary[len(source) :] if binary.startswith(source) else binary
            by_source[source].append(short + ("!" if own_version else ""))
    lines = [f"{source} {' '.join(sorted(binaries))}" for source, binaries in sorted(by_source.items())]
    return "\n".join([f"# {about} Made by dev/source_names.py.", *lines, ""])


def main() -> None:
    """Writes both files, or one without --data."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, help="directory of inventories and SBOMs (inventory/, sbom/)")
    parser.add_argument("--out", type=Path, default=OUT, help="where the lists go [default: beside formats/source_names.rs]")
    options = parser.parse_args()
    lists = {"debian.txt": (debian(), "Source packages of Debian 12 (main) and their binaries.")}
    if options.data:
        lists["alpine.txt"] = (alpine(options.data), "Origins of Alpine packages that advisories, package databases and SBOMs name.")
    for file, (names, about) in lists.items():
        (options.out / file).write_text(written(names, about))
        print(f"{file}: {len(names)} binaries")


if __name__ == "__main__":
    main()
