"""Makes the labelled set: candidates by script, verdicts by the native tools on the vendors' own records.

    python3 dev/quality/make.py DATA

DATA holds `osv/<Ecosystem>/all.zip` and `windows/` (the layout of the OSV bucket and of WES-NG). Writes records/, hosts/ and
labels.tsv beside this file. Nothing here asks Daywatch: a record's word on a package is worked out from the record alone, with the
order of versions taken from native.py, and every hard case is written down in judged.py, whose rows win over the script's.
"""

import collections
import hashlib
import json
import pathlib
import re
import shutil
import sys
import zipfile

import hosts
import judged
import native
import windows

HERE = pathlib.Path(__file__).resolve().parent
ARCHIVES = {
    "Debian": "2025-02-12", "Alpine": "2025-02-16", "AlmaLinux": "2026-08-21", "Rocky Linux": "2025-01-11", "Red Hat": "2025-02-18",
    "npm": "2025-02-18", "PyPI": "2025-02-15", "Maven": "2025-02-15", "Go": "2026-08-21", "crates.io": "2026-08-21",
}
RPMS = ("AlmaLinux", "Rocky Linux", "Red Hat")
DISTRIBUTIONS = ("Debian", "Alpine", *RPMS)
LANGUAGES = ("npm", "PyPI", "Maven", "Go", "crates.io")
COLUMNS = ["host", "package", "version", "record", "verdict", "reason", "fixed", "trap", "why", "digest", "as_of", "checked_by"]
# How many records of a class are taken for a package of a host; what a naive tool gets wrong is what is wanted.
TAKEN = {"affected": 1, "no fix": 1, "plain": 0, "trap": 2}


class Label(dict):
    pass


def lookup(host, package):
    """The name and version the ecosystem's records speak of: Debian, Alpine and Rocky name sources."""
    if host.ecosystem in ("Debian", "Alpine", "Rocky Linux"):
        name, version = package.from_source
        if host.ecosystem == "Debian" and name.startswith("linux-signed-"):
            name, version = "linux", package.version
        # A backport is the version it was built from; dpkg puts it below, so that it can be replaced on the way up.
        return name, version.partition("~bpo")[0] if host.name == "debian-12-backports" else version
    if host.ecosystem == "PyPI":
        return re.sub(r"[-_.]+", "-", package.name).lower(), package.version
    return package.name, package.version


def read_archive(data, ecosystem, names):
    """The records that name one of the packages, with the digest of their bytes as published."""
    records = {}
    archive = zipfile.ZipFile(data / "osv" / ecosystem / "all.zip")
    quoted = [json.dumps(n)[1:-1].encode().lower() for n in names]
    for member in archive.namelist():
        raw = archive.read(member)
        low = raw.lower()
        if not any(b'"' + n + b'"' in low for n in quoted):
            continue
        record = json.loads(raw)
        facts = cut(record, ecosystem, names)
        if facts["affected"]:
            records[record["id"]] = (facts, hashlib.sha256(raw).hexdigest())
    return records


def spelled(ecosystem, name):
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "PyPI" else name


def cut(record, ecosystem, names):
    """A record reduced to facts: ids, dates, ranges, and of the title only the module streams it names."""
    facts = {k: record[k] for k in ("id", "modified", "published", "withdrawn", "aliases", "related", "upstream") if record.get(k)}
    streams = re.findall(r"(?<!\S)[A-Za-z][\w.+-]*:(?:rhel\d*|el\d|\d[\w.]*)(?!\S)", record.get("summary") or "")
    if streams:
        facts["summary"] = " ".join(streams)
    facts["affected"] = []
    for entry in record.get("affected", []):
        package = entry.get("package") or {}
        if package.get("ecosystem", "").split(":")[0] != ecosystem or spelled(ecosystem, package.get("name", "")) not in names:
            continue
        kept = {"package": {"ecosystem": package["ecosystem"], "name": package["name"]}}
        ranges = [
            {"type": r["type"], "events": r["events"]} for r in entry.get("ranges", []) if r["type"] in ("ECOSYSTEM", "SEMVER")
        ]
        if ranges:
            kept["ranges"] = ranges
        # A distribution's list of versions is what its range says; of others it may say more.
        if entry.get("versions") and (not ranges or ecosystem not in DISTRIBUTIONS):
            kept["versions"] = entry["versions"]
        urgency = (entry.get("ecosystem_specific") or {}).get("urgency")
        if urgency:
            kept["ecosystem_specific"] = {"urgency": urgency}
        specific = entry.get("database_specific") or {}
        specific = {k: specific[k] for k in ("last_known_affected_version_range", "informational") if specific.get(k)}
        if specific:
            kept["database_specific"] = specific
        if kept not in facts["affected"]:
            facts["affected"].append(kept)
    return facts


def cves_of(record):
    ids = [record["id"], *(i for key in ("aliases", "related", "upstream") for i in record.get(key, []))]
    return set(re.findall(r"CVE-\d+-\d+", " ".join(ids)))


def of_release(host, ecosystem):
    if host.ecosystem not in DISTRIBUTIONS:
        return True
    release = ecosystem.partition(":")[2]
    # Red Hat: the host's product with any of its repositories; another product or stream (rhel_eus:9.2) is not the host's.
    return release == host.release or (host.ecosystem == "Red Hat" and release.startswith(host.release + ":"))


def stretches(entry):
    """`(introduced, kind of end, end)` of every affected stretch."""
    for r in entry.get("ranges", []):
        start = None
        for event in r["events"]:
            (kind, version), = event.items()
            if kind == "introduced":
                if start is not None:
                    yield start, None, None
                start = version
            elif start is not None:
                yield start, kind, version
                start = None
        if start is not None:
            yield start, None, None


def inside(ecosystem, version, entry, compare=None):
    """The stretch the version is in, or None; `versions` are or-ed with the ranges."""
    compare = compare or native.COMPARE[ecosystem][0]
    for start, kind, end in stretches(entry):
        if start != "0" and compare(version, start) < 0:
            continue
        if kind is None or (end != "0" and compare(version, end) < (1 if kind == "last_affected" else 0)):
            limit = limit_of(entry) if kind is None else None
            if limit and compare(version, limit[1]) > (0 if limit[0] == "<=" else -1):
                continue
            return start, kind, end
    if version in entry.get("versions", []):
        return version, "listed", None
    return None


def limit_of(entry):
    text = (entry.get("database_specific") or {}).get("last_known_affected_version_range")
    m = re.fullmatch(r"(<=|<)\s*(\S+)", text or "")
    return m and m.groups()


def with_epoch(host, version, entries):
    """A list that names no epoch: the epoch is that of the vendor's own package, which every fix of the release names."""
    if host.name not in ("rhel-8", "rhel-9") and host.ecosystem != "Rocky Linux" or ":" in version:
        return version, False
    epochs = {end.split(":")[0] for e in entries for _, kind, end in stretches(e) if kind == "fixed" and ":" in end}
    if len(epochs) == 1 and epochs != {"0"}:
        return f"{epochs.pop()}:{version}", True
    return version, False


def is_modular(version):
    return ".module" in version


def other_stream(package, record, fixed):
    """Why the erratum is about another module stream; None if it is about ours; `?` if that cannot be told."""
    if is_modular(fixed) != is_modular(package.version):
        return "one is from a module, the other is not"
    if not is_modular(fixed):
        return None
    ours = package.module
    streams = [s for s in record.get("summary", "").split() if s.split(":")[0] == ours.split(":")[0]]
    if streams:
        return None if ours in streams else f"installed from {ours}, the erratum is about {' '.join(streams)}"
    return "?"


def judge(host, package, record):
    """The record's word on the package: a label without its source; None where the script cannot tell."""
    name, version = lookup(host, package)
    named = [e for e in record["affected"] if spelled(host.ecosystem, e["package"]["name"]) == name]
    if not named:
        return None
    label = Label(host=host.name, package=package.name, version=package.version, record=record["id"], fixed="", trap="", reason="")
    entries = [e for e in named if of_release(host, e["package"]["ecosystem"])]
    if record.get("withdrawn"):
        return label | dict(verdict="not-affected", why="the record was withdrawn", trap="withdrawn")
    others = [e for e in named if e not in entries]
    if record["id"][:4] in ("ALBA", "ALEA", "RHBA", "RHEA", "RLBA") and not cves_of(record):
        return label | dict(verdict="not-affected", why="an erratum of bugs, without a CVE", trap="not-security")
    if not entries:
        hit = next((e for e in others if safely(inside, host.ecosystem, version, e)), None)
        releases = sorted({e["package"]["ecosystem"].partition(":")[2] for e in others})
        why = "the record is about " + ", ".join(releases[:4])
        if host.name == "debian-12-backports":
            why = f"built from testing, of which the record says nothing; {why}"
        if host.ecosystem == "Alpine" and hit:
            known = judged.SILENCE_IS_NO.get(record["id"])
            if not known:
                return label | dict(verdict="unknown", why="Alpine says nothing of this release; " + why)
            why += "; " + known
        # Fixes of Red Hat's extended support are for builds of that minor release too: not ours without the subscription.
        minor = re.search(r"\.(?:module\+)?el(\d+)[._](\d+)", package.version)
        is_extended = minor and any(re.match(rf"rhel_\w+:{minor[1]}\.{minor[2]}(:|$)", r) for r in releases)
        label |= dict(verdict="not-affected", reason="" if is_extended else "other-release", why=why)
        return label | dict(trap="release" if hit else "")
    if host.ecosystem in RPMS:
        fixes = [end for e in entries for _, kind, end in stretches(e) if kind == "fixed"]
        streams = [other_stream(package, record, f) for f in fixes]
        if fixes and None not in streams:
            if "?" in streams:
                return None
            completed, _ = with_epoch(host, version, entries)
            hit = any(inside(host.ecosystem, completed, e) for e in entries)
            label |= dict(verdict="not-affected", reason="module-stream", why=streams[0], trap="module" if hit else "")
            return label
        entries = [e for e in entries if any(other_stream(package, record, end) is None for _, k, end in stretches(e) if k == "fixed")]
    version, completed = with_epoch(host, version, entries)
    for entry in entries:
        stretch = inside(host.ecosystem, version, entry)
        if stretch:
            return label | affected(version, stretch, entry)
    return label | negative(host, package, version, completed, entries, others)


def affected(version, stretch, entry):
    start, kind, end = stretch
    urgency = (entry.get("ecosystem_specific") or {}).get("urgency", "")
    words = {
        "fixed": f"{version} is older than the fix {end}",
        "last_affected": f"{version} is not newer than {end}, the last affected",
        "listed": f"{version} stands in the record's list",
        None: "the record names no fix" + (f"; urgency {urgency}" if urgency in ("unimportant", "end-of-life") else ""),
    }
    why = words[kind] + (f" and not older than {start}" if start != "0" and kind != "listed" else "")
    return dict(verdict="affected", why=why, fixed=end if kind == "fixed" else "-", trap="")


def upstream(version):
    return re.sub(r"[+.~](dfsg|ds|repack|really).*$", "", version.rpartition(":")[2].rpartition("-")[0] or version.rpartition(":")[2])


def safely(f, *arguments):
    try:
        return f(*arguments)
    except (ValueError, KeyError):
        return None


def negative(host, package, version, completed, entries, others):
    compare = native.COMPARE[host.ecosystem][0]
    ends = [end for e in entries for _, kind, end in stretches(e) if kind in ("fixed", "last_affected")]
    below = [e for e in ends if e == "0" or compare(version, e) >= 0]
    above = [e for e in ends if e not in below]
    starts = [s for e in entries for s, _, _ in stretches(e) if s != "0" and compare(version, s) < 0]
    end = below[-1] if below else None
    reason, traps = "", []
    if host.ecosystem in DISTRIBUTIONS and end and end != "0":
        if upstream(version) == upstream(end) and is_own_revision(host.ecosystem, end):
            reason = "fixed-by-backport"
            traps.append("upstream-version")
        if host.ecosystem in ("Debian", "Alpine"):
            rest = [x for e in others for _, kind, x in stretches(e) if kind == "fixed" and x != "0"]
            if any(safely(compare, upstream(version), upstream(x)) == -1 for x in rest):
                traps.append("upstream-version")
                if "+deb" in end:
                    reason = "fixed-by-backport"
        if version.rpartition(":")[2] < end.rpartition(":")[2]:
            traps.append("text-order")
        if ":" in version and compare(version.partition(":")[2], end) < 0:
            traps.append("epoch")
        binary = package.version
        if lookup(host, package)[1] != binary and safely(compare, binary, end) == -1:
            traps.append("binary-version")
    if end == "0":
        traps.append("never-affected")
    if any(safely(inside, host.ecosystem, version, e) for e in others):
        traps.append("release")
    if host.ecosystem in LANGUAGES:
        reason = "not-in-range"
        if starts or above:
            traps.append("branch")
        elif end and version < end:
            traps.append("text-order")
        if any(limit_of(e) for e in entries) and any(k is None for e in entries for _, k, _ in stretches(e)):
            traps.append("last-known")
    why = []
    if end == "0":
        why.append("the distribution says it was never affected (fixed 0)")
    elif end:
        why.append(f"{version}{' (epoch as in the fix)' if completed else ''} is not older than {end}")
    if starts:
        why.append(f"older than {starts[0]}, where it begins")
    if not why:
        why.append("in no range of the record")
    return dict(verdict="not-affected", reason=reason, why=", ".join(why), trap=" ".join(dict.fromkeys(traps)))


def is_own_revision(ecosystem, fixed):
    if ecosystem == "Debian":
        return "+deb" in fixed
    if ecosystem == "Alpine":
        return not fixed.endswith("-r0")
    return True


def choose(ecosystem, fleet, records):
    """A few records a package: the newest of each class and trap, so that every kind of mistake is asked for."""
    chosen = {r for r in judged.RECORDS.get(ecosystem, []) if r in records}
    for host in fleet:
        for package in host.packages:
            classes = collections.defaultdict(list)
            for record_id in sorted(records, reverse=True):
                label = safely(judge, host, package, records[record_id][0])
                if not label:
                    continue
                if label["verdict"] == "affected":
                    classes["no fix" if label["fixed"] == "-" else "affected"].append(record_id)
                for trap in label["trap"].split():
                    classes[trap].append(record_id)
            for kind, ids in sorted(classes.items()):
                have = sum(i in chosen for i in ids)
                want = judged.TAKEN.get((ecosystem, kind), TAKEN.get(kind, 1))
                # From the middle of the list: the newest are alike for all packages.
                start = len(ids) // 3
                for record_id in (ids[start:] + ids[:start])[: max(0, want - have)]:
                    chosen.add(record_id)
    return sorted(chosen)


def settle(host, package, label):
    """What the record cannot know: which kernel runs, and what holds no code of the kernel."""
    key = (label["host"], label["package"], label["version"])
    if key in judged.HOST_FACTS and label["verdict"] == "affected":
        reason, why = judged.HOST_FACTS[key]
        return label | dict(verdict="not-affected", reason=reason, fixed="", why=f"{why}; {label['why']}", trap="kernel")
    return label


def main():
    data = pathlib.Path(sys.argv[1])
    assert native.check_apk() > 500
    for folder in ("records", "hosts"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    fleet = hosts.every()
    labels, written = [], {}
    for ecosystem, as_of in ARCHIVES.items():
        members = [h for h in fleet if h.ecosystem == ecosystem]
        names = {lookup(h, p)[0] for h in members for p in h.packages} | {p.name for h in members for p in h.packages}
        records = read_archive(data, ecosystem, names)
        chosen = choose(ecosystem, members, records)
        for record_id in chosen:
            facts, digest = records[record_id]
            source = dict(digest=digest, as_of=as_of, checked_by=native.COMPARE[ecosystem][1])
            labels += [label | source for label in of_record(members, facts)]
            join(written, ecosystem, facts)
        print(ecosystem, len(chosen), "records", file=sys.stderr)
    lines = collections.defaultdict(list)
    for ecosystem, facts in written.values():
        lines[ecosystem.lower().replace(" ", "-").replace(".", "-")].append(json.dumps(facts, sort_keys=True))
    for folder, texts in lines.items():
        (HERE / "records" / folder).mkdir(parents=True)
        (HERE / "records" / folder / "records.ndjson").write_text("\n".join(texts) + "\n")
    (HERE / "records" / "windows").mkdir()
    windows_hosts, rows = windows.make(data / "windows", HERE / "records" / "windows")
    labels += rows
    for name, files in [(h.name, h.files) for h in fleet] + windows_hosts:
        for path, text in files.items():
            file = HERE / "hosts" / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    write(labels)


def of_record(members, facts):
    """The labels of a record: every package of every host it names, so that the set is closed."""
    labels = []
    for host in members:
        for package in host.packages:
            label = judge(host, package, facts)
            if label is not None:
                label = settle(host, package, label)
                labels.append(label | (judged.LABELS.get((host.name, package.name, package.version, facts["id"])) or {}))
                labels[-1]["cves"] = cves_of(facts)
    return labels


def join(written, ecosystem, facts):
    """Debian's and Alpine's archives hold copies of the same CVE records: one record, with what was cut from each."""
    known = written.get(facts["id"])
    if known:
        known[1]["affected"] += [e for e in facts["affected"] if e not in known[1]["affected"]]
        known[1]["modified"] = max(known[1]["modified"], facts["modified"])
    else:
        written[facts["id"]] = (ecosystem, facts)


def drop_overruled(labels):
    """Where another record of the host's own release says the package has the CVE, the reason of this one is none."""
    found = collections.defaultdict(set)
    for label in labels:
        if label["verdict"] == "affected":
            found[label["host"], label["package"], label["version"]] |= label["cves"]
    for label in labels:
        if label["verdict"] == "not-affected" and label["cves"] & found[label["host"], label["package"], label["version"]]:
            label["reason"] = ""


def write(labels):
    drop_overruled(labels)
    lines = ["# Labels of the quality gate. How they were made: README.md.", "\t".join(COLUMNS)]
    for label in labels:
        row = [label.get(c) or "-" for c in COLUMNS]
        assert not any("\t" in f for f in row), label
        lines.append("\t".join(row))
    (HERE / "labels.tsv").write_text("\n".join(lines) + "\n")
    tally = collections.Counter()
    for label in labels:
        kind = label["host"].split("-")[0] if not label["host"].startswith("app-") else label["host"]
        tally[kind, label["verdict"]] += 1
        tally[kind, "trap"] += label["verdict"] == "not-affected" and bool(label["trap"])
    for key, count in sorted(tally.items()):
        print(*key, count, file=sys.stderr)


if __name__ == "__main__":
    main()
