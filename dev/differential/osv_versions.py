#!/usr/bin/env python3
"""Daywatch's matching against osv-scanner's matcher on thousands of made-up installs: every package the advisories name, at
and around the versions they name.

A development tool: no test and no build runs it. What it found and how to repeat it is in docs/quality.md.

    (cd dev/differential/osv_local && go build -o osvlocal .)
    python3 dev/differential/osv_versions.py --data DIR --oracle osvlocal --daywatch target/release/daywatch \
        --catalog full.dwcat --out DIR

The packages go to Daywatch as a CycloneDX document of package URLs and to the oracle as lines. Compared is, for each package
and version, the set of records; a record counts as Daywatch's when it decided a finding or is one of its ids.
"""

import argparse
import collections
import json
import random
import re
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import quote

# Ecosystem → purl type and namespace (None: from the name).
TYPES = {
    "npm": ("npm", None), "PyPI": ("pypi", None), "Maven": ("maven", None), "Go": ("golang", None), "NuGet": ("nuget", None),
    "RubyGems": ("gem", None), "crates.io": ("cargo", None), "Packagist": ("composer", None), "Debian": ("deb", "debian"),
    "Alpine": ("apk", "alpine"), "AlmaLinux": ("rpm", "almalinux"), "Rocky Linux": ("rpm", "rocky"), "Red Hat": ("rpm", "redhat"),
}
DISTRO = {"Debian": "debian-{}", "Alpine": "alpine-{}", "AlmaLinux": "almalinux-{}", "Rocky Linux": "rocky-{}", "Red Hat": "rhel-{}"}
BATCH = 3_000
PER_PACKAGE = 40


def affected_entries(archive, ecosystem):
    with zipfile.ZipFile(archive) as z:
        for name in z.namelist():
            record = json.loads(z.read(name))
            for entry in record.get("affected") or []:
                package = entry.get("package") or {}
                if package.get("ecosystem", "").partition(":")[0] == ecosystem and package.get("name"):
                    yield record["id"], package["ecosystem"], package["name"], entry


def installs(archive, ecosystem, limit):
    """(release, name, version) to ask about: the versions of the events, some of the listed ones, and neighbours of both."""
    versions, releases = collections.defaultdict(set), collections.defaultdict(set)
    rng = random.Random(20260821)
    for _, full, name, entry in affected_entries(archive, ecosystem):
        release = release_of(full)
        if release is None:
            continue
        key = (release, name)
        releases[key].add(full)
        named = [v for r in entry.get("ranges") or [] if r.get("type") != "GIT" for e in r["events"] for v in e.values()]
        listed = entry.get("versions") or []
        for version in [*named, *rng.sample(listed, min(3, len(listed)))]:
            if version != "0":
                versions[key].update([version, *neighbours(version, ecosystem)])
    # A kernel has thousands of records at each version: a few versions of each package are enough.
    few = {key: sorted(rng.sample(sorted(vs), min(PER_PACKAGE, len(vs)))) for key, vs in sorted(versions.items())}
    every = sorted((release, name, v) for (release, name), vs in few.items() for v in vs)
    chosen = every if len(every) <= limit else sorted(rng.sample(every, limit))
    return chosen, releases


def release_of(full):
    """The release as an installed system has it; products of Red Hat other than Enterprise Linux itself are left out."""
    family, _, release = full.partition(":")
    if family == "Red Hat":
        match = re.match(r"enterprise_linux:(\d+)(::|$)", release)
        return match.group(1) if match else None
    if family in ("Debian", "Alpine", "AlmaLinux", "Rocky Linux"):
        return release.removeprefix("v") or None
    return ""


def neighbours(version, ecosystem):
    """Versions a little below and above: the last number changed, a suffix added."""
    numbers = list(re.finditer(r"\d+", version))
    out = []
    if numbers:
        last = numbers[-1]
        for step in (-1, 1):
            value = int(last.group()) + step
            if value >= 0 and len(last.group()) < 9:
                out.append(version[: last.start()] + str(value) + version[last.end():])
    suffixes = {"Debian": ["~1", "+deb12u1"], "Alpine": [], "npm": ["-beta.1"], "PyPI": ["rc1", ".post1"], "Maven": ["-SNAPSHOT", ".Final"],
                "Go": ["-rc.1"], "NuGet": ["-beta"], "RubyGems": [".pre1", ".1"], "crates.io": ["-alpha.1"], "Packagist": ["-beta1"]}
    if re.fullmatch(r"[v\d.:]+", version) or ecosystem in DISTRO:
        out += [version + s for s in suffixes.get(ecosystem, [".1"])]
    return out


def purl(ecosystem, release, name, version):
    kind, namespace = TYPES[ecosystem]
    qualifiers = {}
    if namespace is None:
        parts = name.split(":") if kind == "maven" else name.split("/")
        path = "/".join(quote(p, safe="") for p in parts)
    else:
        path = f"{namespace}/{quote(name, safe='')}"
        qualifiers["distro"] = DISTRO[ecosystem].format(release)
        if kind == "rpm" and ":" in version:
            qualifiers["epoch"], _, version = version.partition(":")
    if kind == "golang" and not version.startswith("v"):
        version = "v" + version
    query = "&".join(f"{k}={quote(v, safe='')}" for k, v in sorted(qualifiers.items()))
    return f"pkg:{kind}/{path}@{quote(version, safe='')}" + (f"?{query}" if query else "")


def ours(daywatch, catalog, batch, ecosystem, work):
    """For each install, the deciding records and all ids of its findings."""
    urls = [purl(ecosystem, *install) for install in batch]
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
           "components": [{"type": "library", "bom-ref": str(i), "name": batch[i][1], "version": batch[i][2], "purl": u} for i, u in enumerate(urls)]}
    path = work / "made-up.cdx.json"
    path.write_text(json.dumps(bom))
    done = subprocess.run([daywatch, "scan", str(path), "--catalog", str(catalog), "--format", "json"], capture_output=True, text=True)
    report = json.loads(done.stdout)
    for error in report["errors"][:3]:
        print("  ", error["what"][:150])
    found = collections.defaultdict(dict)
    for finding in report["findings"]:
        found[finding["purl"].lower()][finding["match"]["record"]] = {finding["id"], *finding["aliases"]}
    return [found.get(u.lower(), {}) for u in canonical(daywatch, urls)]


def canonical(daywatch, urls):
    lines = subprocess.run([daywatch, "purl"], input="\n".join(urls) + "\n", capture_output=True, text=True).stdout.splitlines()
    return [line if not line.startswith("error") else url for line, url in zip(lines, urls, strict=True)]


def theirs(oracle, archive, questions):
    text = "".join("\t".join(q) + "\n" for q in questions)
    return [line.split(" ") if line else [] for line in
            subprocess.run([oracle, str(archive)], input=text, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]]


def their_answers(oracle, archive, ecosystem, batch, releases):
    """Red Hat's records are per repository (`enterprise_linux:9::baseos`): the host has them all, so their union is asked."""
    questions, owner = [], []
    for i, (release, name, version) in enumerate(batch):
        for full in sorted(releases[release, name]) if ecosystem in DISTRO else [ecosystem]:
            questions.append((full, name, version))
            owner.append(i)
    answers = [set() for _ in batch]
    for i, ids in zip(owner, theirs(oracle, archive, questions), strict=True):
        answers[i].update(["error " + " ".join(ids[1:])] if ids[:1] == ["error:"] else ids)
    return answers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with osv/<Ecosystem>/all.zip")
    parser.add_argument("--oracle", required=True, help="the binary built from osv_local")
    parser.add_argument("--daywatch", required=True)
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", action="append", help="one ecosystem; may be repeated")
    parser.add_argument("--limit", type=int, default=30_000, help="installs an ecosystem")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    newest = newest_copies(options.data)
    rows = ["| ecosystem | installs | answers both give | only osv-scanner | only Daywatch |", "|---|---:|---:|---:|---:|"]
    with open(options.out / "version-disagreements.jsonl", "w") as out:
        for ecosystem in options.only or TYPES:
            archive = options.data / "osv" / ecosystem / "all.zip"
            chosen, releases = installs(archive, ecosystem, options.limit)
            entries = collections.defaultdict(list)
            releases_of = collections.defaultdict(set)
            for record, full, name, entry in affected_entries(archive, ecosystem):
                entries[record].append((name, entry))
                releases_of[record, name].add(release_of(full))
            count, causes = collections.Counter(), collections.Counter()
            for at in range(0, len(chosen), BATCH):
                batch = chosen[at:at + BATCH]
                mine = ours(options.daywatch, options.catalog, batch, ecosystem, options.out)
                other = their_answers(options.oracle, archive, ecosystem, batch, releases)
                invalid = unreadable(options.daywatch, ecosystem, [version for _, _, version in batch])
                for install, findings, records, bad in zip(batch, mine, other, invalid, strict=True):
                    for only, record in judge(findings, records, entries):
                        count[only] += 1
                        if only != "both":
                            newer = newest.get(record, ("", ecosystem))[1] != ecosystem
                            cause = cause_of(options.daywatch, ecosystem, only, record, install, entries.get(record, []), bad, newer, releases_of)
                            causes[only, cause] += 1
                            line = {"only": only, "cause": cause, "ecosystem": ecosystem, "install": install, "record": record}
                            out.write(json.dumps(line) + "\n")
            rows.append(f"| {ecosystem} | {len(chosen):,} | {count['both']:,} | {count['theirs']:,} | {count['ours']:,} |")
            print(rows[-1], dict(causes), flush=True)
    (options.out / "version-table.md").write_text("\n".join(rows) + "\n")


def judge(findings, records, entries):
    ids = set().union(*findings.values()) | set(findings) if findings else set()
    for record in sorted(records):
        yield ("both" if record in ids else "theirs"), record
    for decider in sorted(findings):
        if decider not in records and decider in entries:
            yield "ours", decider


def unreadable(daywatch, ecosystem, versions):
    """For each version, whether the ecosystem's order refuses it."""
    text = "".join(f"{ecosystem}\t{v}\t{v}\n" for v in versions)
    answers = subprocess.run([daywatch, "versions"], input=text, capture_output=True, text=True).stdout.splitlines()
    return [answer.startswith("error") for answer in answers]


def newest_copies(data):
    """For records that stand in several archives, the date and archive of the newest copy, which is the one Daywatch keeps."""
    newest = {}
    for archive in sorted((data / "osv").glob("*/all.zip")):
        with zipfile.ZipFile(archive) as z:
            for name in z.namelist():
                text = z.read(name)
                modified = re.search(rb'"modified":\s*"([^"]+)"', text)
                record = name.rpartition("/")[2].removesuffix(".json")
                copy = (modified.group(1).decode() if modified else "", archive.parent.name)
                if copy[0] > newest.get(record, ("", ""))[0]:
                    newest[record] = copy
    return newest


def cause_of(daywatch, ecosystem, only, record, install, entries, version_is_unreadable, newer_elsewhere, releases):
    """The known reasons of docs/quality.md that can be read off the record; `?` is to be looked at."""
    release, name, version = install
    own = [entry for other, entry in entries if other == name]
    details = [entry.get("database_specific") or {} for entry in own]
    kinds = [[r.get("type") for r in entry.get("ranges") or []] for entry in own]
    events = [v for entry in own for r in entry.get("ranges") or [] if r.get("type") != "GIT" for e in r["events"] for v in e.values() if v != "0"]
    listed = [v for entry in own for v in entry.get("versions") or []]
    if record.startswith("error"):
        return "their version order gives up"
    if only == "theirs" and release not in releases[record, name]:
        return "the record is about another release"
    if only == "theirs" and re.match(r"(AL|RH|RL)[BE]A-", record):
        return "a bug-fix erratum without a CVE"
    if only == "theirs" and any(".module" in v for v in [version, *events]):
        return "another module stream"
    if version_is_unreadable:
        return "the version is none in this ecosystem"
    if only == "theirs" and newer_elsewhere:
        return "a newer copy of the record is in another archive"
    if only == "theirs" and any("last_known_affected_version_range" in d for d in details):
        return "the record's last known affected version"
    if only == "ours" and not own:
        return "the name is spelt in another case"
    if only == "ours" and any("GIT" in k for k in kinds):
        return "a GIT range ends their search"
    if only == "theirs" and any(unreadable(daywatch, ecosystem, events)):
        return "the record names a version that is none"
    if only == "theirs" and version in events and ecosystem in ("RubyGems", "Packagist"):
        return "the record's lower bound is exclusive"
    if only == "ours" and "=" in order(daywatch, ecosystem, version, [*listed, *events]):
        return "another spelling of a version the record names"
    return "?"


def order(daywatch, ecosystem, version, others):
    text = "".join(f"{ecosystem}\t{version}\t{other}\n" for other in others if other != version)
    return subprocess.run([daywatch, "versions"], input=text, capture_output=True, text=True).stdout.splitlines()


if __name__ == "__main__":
    main()
