#!/usr/bin/env python3
"""Daywatch's matching against osv-scanner's, on the same advisories and targets.

A development tool: no test and no build runs it. What it found and how to repeat it is in docs/quality.md.

    python3 dev/differential/osv_scanner.py --data DIR --scanner osv-scanner --daywatch target/release/daywatch \
        --catalog full.dwcat --out DIR

DIR of --data holds osv/<Ecosystem>/all.zip, lockfiles/lockfiles.zip, sbom/sboms.zip and inventory/. Two findings are the same
when target, package and version are and their ids (id, aliases, CVEs) meet. Written to --out: table.md with the counts and
disagreements.jsonl with one line for each finding that only one of the two has.
"""

import argparse
import collections
import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

LOCKFILES = {
    "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock",
    "requirements.txt", "requirements-dev.txt", "requirements.prod.txt", "requirements-transitive.txt", "Cargo.lock",
    "Gemfile.lock", "composer.lock", "go.mod", "gradle.lockfile", "packages.lock.json", "packages.config", "mix.lock",
    "pubspec.lock", "conan.lock", "stack.yaml.lock", "cabal.project.freeze", "pom.xml",
}


# --- the targets -----------------------------------------------------------------------------------------------------------


def unpack(archive, into):
    if not into.exists():
        with zipfile.ZipFile(archive) as z:
            z.extractall(into)
    return into


def lockfile_targets(data, work):
    root = unpack(data / "lockfiles/lockfiles.zip", work / "lockfiles")
    return [("lockfile:" + p.name, p) for p in sorted(root.rglob("*")) if p.is_file() and p.name in LOCKFILES]


def sbom_targets(data, work):
    """SBOMs with package URLs, under names osv-scanner recognises; see `named` for what else is changed in them."""
    root = unpack(data / "sbom/sboms.zip", work / "sboms")
    staged = work / "sboms-named"
    targets = []
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        relative = path.relative_to(root)
        if any(part in ("VEX", "schema") for part in relative.parts):
            continue
        text = path.read_text(errors="replace")
        if "pkg:" not in text:
            continue
        kind = sbom_kind(text, path)
        if kind is None:
            continue
        out = staged / relative.parent / (path.stem.replace(".cdx", "").replace(".spdx", "") + kind)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text({".cdx.json": named, ".cdx.xml": named_xml}.get(kind, str)(text))
        targets.append(("sbom:" + ("CycloneDX" if "cdx" in kind else "SPDX"), out))
    return targets


def sbom_kind(text, path):
    if path.suffix == ".xml":
        return ".cdx.xml" if "cyclonedx" in text else None
    if '"CycloneDX"' in text:
        return ".cdx.json"
    return ".spdx.json" if '"spdxVersion"' in text else None


def named(text):
    """osv-scanner 2.5 matches a CycloneDX component by its bare `name`: without Maven's group, npm's scope, or the
    distribution's source package. To compare the matching, each component gets the name OSV uses, taken from its URL."""
    bom = json.loads(text)

    def walk(component):
        parts = purl_parts(component.get("purl") or "")
        if parts:
            component["name"] = parts[1]
        for child in component.get("components") or []:
            walk(child)

    for component in bom.get("components") or []:
        walk(component)
    return json.dumps(bom)


def named_xml(text):
    """The same for XML."""
    root = ElementTree.fromstring(text)
    ElementTree.register_namespace("", root.tag.partition("}")[0].lstrip("{"))
    for component in root.iter():
        purl, name = (next((c for c in component if c.tag.endswith("}" + tag)), None) for tag in ("purl", "name"))
        parts = purl_parts((purl.text or "").strip()) if purl is not None else None
        if parts and name is not None:
            name.text = parts[1]
    return ElementTree.tostring(root, encoding="unicode")


def purl_parts(purl):
    """Type, OSV's name, version and qualifiers of a package URL."""
    match = re.match(r"pkg:([^/]+)/([^?#]+)(?:\?([^#]*))?", purl)
    if not match:
        return None
    kind, path, query = match.group(1).lower(), match.group(2), match.group(3) or ""
    path, _, version = path.partition("@") if not path.startswith("@") else ("@" + path[1:].partition("@")[0], "", path[1:].partition("@")[2])
    segments = [unquote(s) for s in path.split("/")]
    qualifiers = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    if kind == "maven":
        name = ":".join(segments)
    elif kind in ("deb", "apk", "rpm"):
        origin = qualifiers.get("upstream") or qualifiers.get("source") or qualifiers.get("origin")
        name = segments[-1] if kind == "rpm" or not origin else unquote(origin).partition("@")[0]
    else:
        name = "/".join(segments)
    return kind, name, unquote(version), {k: unquote(v) for k, v in qualifiers.items()}


OS_RELEASES = {
    "debian-12": 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    "debian-11": 'ID=debian\nVERSION_ID="11"\nVERSION_CODENAME=bullseye\n',
    "debian-10": 'ID=debian\nVERSION_ID="10"\nVERSION_CODENAME=buster\n',
    "alpine-3.17": 'ID=alpine\nVERSION_ID=3.17.0\n',
    "alpine-3.12": 'ID=alpine\nVERSION_ID=3.12.0\n',
}


def installed_targets(data, work):
    """Installed package databases: for osv-scanner in an image, which is how it reads them, for Daywatch in a root folder."""
    fixtures = unpack(data / "inventory/os-package-db-fixtures.zip", work / "databases")
    status = subprocess.run(
        ["zstd", "-dcq", str(data / "inventory/dpkg-status.debian12-build-container.zst")], capture_output=True, check=True
    ).stdout
    systems = [("debian-12", "build-container", "var/lib/dpkg/status", status)]
    databases = {
        "debian-11": ("var/lib/dpkg/status", ["dpkg/testdata/dpkg/valid", "image-dpkg/var/lib/dpkg/status"]),
        "debian-10": ("var/lib/dpkg/status", ["dpkg/testdata/dpkg/valid"]),
        "alpine-3.17": ("lib/apk/db/installed", ["apk/testdata/installed", "alpine/testdata/multiple-1/lib/apk/db/installed"]),
        "alpine-3.12": ("lib/apk/db/installed", ["alpine/testdata/multiple-2/lib/apk/db/installed"]),
    }
    for system, (place, ends) in databases.items():
        for end in ends:
            found = [p for p in fixtures.rglob("*") if p.is_file() and p.as_posix().endswith(end)]
            systems += [(system, end.replace("/", "_"), place, p.read_bytes()) for p in found]
    images = work / "images"
    images.mkdir(exist_ok=True)
    return [("installed:" + s.partition("-")[0], image(images / f"{s}.{n}.tar", {"etc/os-release": OS_RELEASES[s].encode(), p: d}))
            for s, n, p, d in systems]


def image(path, files):
    """A docker-archive of one layer, and beside it the same files as a folder."""
    for name, content in files.items():
        place = path.with_suffix("") / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for name, content in files.items():
            add(tar, name, content)
    digest = hashlib.sha256(layer.getvalue()).hexdigest()
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "history": [{"created_by": "test"}],
                         "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]}}).encode()
    name = hashlib.sha256(config).hexdigest()
    manifest = [{"Config": name + ".json", "RepoTags": ["test:latest"], "Layers": ["layer/layer.tar"]}]
    with tarfile.open(path, "w") as tar:
        add(tar, name + ".json", config)
        add(tar, "layer/layer.tar", layer.getvalue())
        add(tar, "manifest.json", json.dumps(manifest).encode())
    return path


def add(tar, name, content):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))


# --- the two programs ------------------------------------------------------------------------------------------------------


def theirs(scanner, kind, path, database):
    """Their findings: (ecosystem, package, version) → list of sets of ids; and every package they read."""
    environment = dict(os.environ, OSV_SCALIBR_LOCAL_DB_CACHE_DIRECTORY=str(database), OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY=str(database))
    what = ["scan", "image", "--archive", str(path)] if kind.startswith("installed") else ["scan", "source", "--no-resolve", "-L", str(path)]
    command = [scanner, *what, "--offline", "--offline-vulnerabilities", "--all-packages", "--all-vulns", "--format", "json"]
    done = subprocess.run(command, capture_output=True, env=environment, text=True)
    found, packages = collections.defaultdict(dict), set()
    if not done.stdout.strip():
        return found, packages, done.stderr.strip().splitlines()[-1:]
    for result in json.loads(done.stdout).get("results") or []:
        for entry in result["packages"]:
            package = entry["package"]
            key = identity(package["ecosystem"], package["name"], package["version"])
            packages.add(key)
            for record in entry.get("vulnerabilities") or []:
                found[key][record["id"]] = {record["id"], *record.get("aliases", [])}
    return found, packages, []


def ours(daywatch, kind, path, catalog):
    """Daywatch's findings in the same shape."""
    path = path.with_suffix("") if kind.startswith("installed") else path
    command = [daywatch, "scan", str(path), "--catalog", str(catalog)]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True)
    found = collections.defaultdict(dict)
    if not done.stdout.strip():
        return found, [done.stderr.strip()]
    report = json.loads(done.stdout)
    for finding in report["findings"]:
        key = identity(finding["ecosystem"], finding["source_package"] or finding["package"], finding["version"])
        found[key][finding["id"]] = {finding["id"], *finding["aliases"], *finding["cves"]}
    return found, [e["what"] for e in report["errors"]]


def identity(ecosystem, name, version):
    """The key packages meet by. Distribution packages meet by source name alone: the two report a source and a binary version."""
    family, _, _ = (ecosystem or "").partition(":")
    name = re.sub(r"[-_.]+", "-", name).lower() if family == "PyPI" else name
    name = name.lower() if family in ("NuGet", "Packagist", "Go") else name
    version = "" if family in ("Debian", "Alpine", "Ubuntu") else (version or "").removeprefix("v")
    return family, name, version


# --- the comparison --------------------------------------------------------------------------------------------------------


def compare(kind, path, mine, other):
    """Lines of what only one has, and the number both have, for one target."""
    (my_found, _), (their_found, their_packages, _) = mine, other
    same, lines = 0, []
    for key in sorted(set(my_found) | set(their_found)):
        my_ids, their_ids = my_found.get(key, {}), their_found.get(key, {})
        for record, ids in my_ids.items():
            if any(ids & theirs_ for theirs_ in their_ids.values()):
                same += 1
            else:
                lines.append(line(kind, path, "ours", key, record, ids, key in their_packages))
        for record, ids in their_ids.items():
            if not any(ids & my for my in my_ids.values()):
                lines.append(line(kind, path, "theirs", key, record, ids, None))
    return same, lines


def line(kind, path, only, key, record, ids, read):
    family, name, version = key
    return {"kind": kind, "target": str(path), "only": only, "ecosystem": family, "package": name, "version": version,
            "record": record, "ids": sorted(ids), "other_read_the_package": read}


def table(counts):
    rows = ["| target kind | ecosystem | both | only osv-scanner | only Daywatch |", "|---|---|---:|---:|---:|"]
    rows += [f"| {kind} | {eco} | {c['same']:,} | {c['theirs']:,} | {c['ours']:,} |" for (kind, eco), c in sorted(counts.items())]
    total = collections.Counter()
    for c in counts.values():
        total.update(c)
    return "\n".join([*rows, f"| **all** | | **{total['same']:,}** | **{total['theirs']:,}** | **{total['ours']:,}** |"]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with osv/, lockfiles/, sbom/, inventory/")
    parser.add_argument("--scanner", required=True, help="the osv-scanner binary (version 2)")
    parser.add_argument("--daywatch", required=True, help="the daywatch binary, release build")
    parser.add_argument("--catalog", type=Path, required=True, help="built by `daywatch feeds import` from the same folder")
    parser.add_argument("--out", type=Path, required=True, help="where to unpack and write")
    parser.add_argument("--only", default="", help="only targets whose kind or path contains this")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    database = options.out / "database"
    for archive in (options.data / "osv").glob("*/all.zip"):
        for layout in ("osv-scalibr", "osv-scanner"):
            copy = database / layout / archive.parent.name / "all.zip"
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.symlink_to(archive.resolve())
    counts, disagreements = collections.defaultdict(collections.Counter), []
    targets = [make(options.data, options.out) for make in (lockfile_targets, sbom_targets, installed_targets)]
    for kind, path in (t for group in targets for t in group):
        if options.only not in f"{kind} {path}":
            continue
        mine = ours(options.daywatch, kind, path, options.catalog)
        other = theirs(options.scanner, kind, path, database)
        same, lines = compare(kind, path, mine, other)
        for family in {k[0] for k in [*mine[0], *other[0]]}:
            counts[kind, family]["same"] += compare_family(mine, other, family)
        for each in lines:
            counts[kind, each["ecosystem"]][each["only"]] += 1
        disagreements += lines
        relative = path.relative_to(options.out)
        print(f"{same:6} {sum(x['only'] == 'theirs' for x in lines):5} {sum(x['only'] == 'ours' for x in lines):5}  "
              f"{len(other[1]):5} {relative} {' '.join(other[2] + mine[1])[:150]}", flush=True)
    (options.out / "table.md").write_text(table(counts))
    with open(options.out / "disagreements.jsonl", "w") as out:
        for each in disagreements:
            out.write(json.dumps(each) + "\n")
    print(table(counts))


def compare_family(mine, other, family):
    def pick(side):
        return ({k: v for k, v in side[0].items() if k[0] == family}, *side[1:])

    return compare("", "", pick(mine), pick(other))[0]


if __name__ == "__main__":
    main()
