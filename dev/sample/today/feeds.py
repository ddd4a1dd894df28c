"""What each morning's feeds said, cut to facts: ids, packages, ranges, versions, dates, scores. No sentence of an advisory."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import zipfile
from datetime import date, timedelta
from pathlib import Path

from .fleet import DAYS, FIRST, HOUR, SECOND, Machine, Package
from .ordering import compare
from .published import Published

KEV = "kev/kev-2026-08-21.json"
KEV_KEPT = ("cveID", "vendorProject", "product", "vulnerabilityName", "dateAdded", "dueDate", "knownRansomwareCampaignUse")
KEV_DAYS = 60
EPSS = "epss/epss-history-kev-and-servers.csv.zst"
EPSS_SNAPSHOTS = "epss/epss-snapshots.csv"
VULNRICHMENT = "cve/cve5-vulnrichment.jsonl.zst"
CVE = re.compile(r"CVE-\d{4}-\d{4,}")
# A record that matches nothing stays when it is of the release's own time: it can answer "why not", an older one cannot matter.
SINCE = {"Debian": "2023-06-10", "AlmaLinux": "2026-02-01", "Alpine": "2024-06-01"}


def write_osv(published: Published, mornings: dict[str, list[Machine]], out: Path) -> set[str]:
    """Writes the records of the first morning for both, those of the second for it alone; returns every CVE they name."""
    packages = {p for machines in mornings.values() for m in machines for p in m.packages}
    cves: set[str] = set()
    for family, records in sorted(published.records.items()):
        known = [r for r in records if r["modified"] < SECOND + HOUR]
        newest = _newest(records)
        kept = [_trim(family, r, packages) for r in known if r["id"] in newest or _is_kept(family, r, packages)]
        for record in kept:
            cves |= cves_of(record)
        early = [r for r in kept if r["modified"] < FIRST + HOUR]
        late = [r for r in kept if r["modified"] >= FIRST + HOUR]
        _write_zip(early, out / "feeds/osv" / family / "all.zip")
        _write_zip(late, out / SECOND / "feeds/osv" / family / "all.zip")
    return cves


def cves_of(record: dict) -> set[str]:
    """The CVEs a record is about."""
    names = [record["id"], *record.get("aliases", []), *record.get("related", []), *record.get("upstream", [])]
    return {name for name in names if CVE.fullmatch(name)}


def _newest(records: list[dict]) -> set[str]:
    """The last record of each morning, whatever it is about: it tells how old the feed was."""
    return {max((r for r in records if r["modified"] < day + HOUR), key=lambda r: (r["modified"], r["id"]))["id"] for day in DAYS}


def _is_kept(family: str, record: dict, packages: set[Package]) -> bool:
    affected = [a for a in record["affected"] if _is_named(a, packages)]
    recent = record.get("published", record["modified"]) >= SINCE.get(family, "")
    return bool(affected) and (recent or any(_matches(a, packages) for a in affected))


def _is_named(affected: dict, packages: set[Package]) -> bool:
    key = (affected["package"]["ecosystem"], affected["package"]["name"])
    return any(key in ((p.ecosystem, p.name), (p.ecosystem, p.source)) for p in packages)


def _trim(family: str, record: dict, packages: set[Package]) -> dict:
    affected = [a for a in record["affected"] if _is_named(a, packages)] or record["affected"]
    kept = {key: record[key] for key in ("schema_version", "id", "modified", "published", "severity") if record.get(key)}
    for key in ("aliases", "related", "upstream"):
        names = [n for n in record.get(key) or [] if CVE.fullmatch(n) or n.startswith(("DSA-", "GHSA-"))]
        if names:
            kept[key] = names
    if family == "AlmaLinux":
        # The class of an erratum stands only in its title; the rest of the line is ours.
        kept["summary"] = record["summary"].split(":")[0] + ": " + affected[0]["package"]["name"]
    word = record.get("database_specific", {}).get("severity")
    if word:
        kept["database_specific"] = {"severity": word}
    advisory = next((r for r in record.get("references", []) if r["type"] == "ADVISORY"), None)
    if advisory:
        kept["references"] = [advisory]
    kept["affected"] = [_trim_affected(a) for a in affected]
    return kept


def _trim_affected(affected: dict) -> dict:
    kept = {"package": {key: affected["package"][key] for key in ("ecosystem", "name")}}
    ranges = [{"type": r["type"], "events": r["events"]} for r in affected.get("ranges", []) if r["type"] != "GIT"]
    if ranges:
        kept["ranges"] = ranges
    elif affected.get("versions"):
        kept["versions"] = affected["versions"]
    urgency = affected.get("ecosystem_specific", {}).get("urgency")
    if urgency:
        kept["ecosystem_specific"] = {"urgency": urgency}
    last = affected.get("database_specific", {}).get("last_known_affected_version_range")
    if last:
        kept["database_specific"] = {"last_known_affected_version_range": last}
    return kept


def _matches(affected: dict, packages: set[Package]) -> bool:
    ecosystem, name = affected["package"]["ecosystem"], affected["package"]["name"]
    installed = {p.version for p in packages if p.ecosystem == ecosystem and name in (p.name, p.source)}
    for span in affected.get("ranges", []):
        fixed = next((e["fixed"] for e in reversed(span["events"]) if "fixed" in e), None)
        if fixed is None or any(compare(ecosystem, version, fixed) < 0 for version in installed):
            return True
    return False


def _write_zip(records: list[dict], path: Path) -> None:
    """One JSON a record, in the layout of the OSV bucket; the same bytes whenever it is made."""
    if not records:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for record in sorted(records, key=lambda r: r["id"]):
            member = zipfile.ZipInfo(f"{record['id']}.json", date_time=(2026, 8, 4, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, json.dumps(record, separators=(",", ":")))


def write_kev(data: Path, cves: set[str], day: str, out: Path) -> dict[str, dict]:
    """Writes the catalogue as of a morning: the entries of the day before and earlier, of 60 days or on the fleet's packages."""
    catalogue = json.loads((data / KEV).read_text())
    released = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    oldest = (date.fromisoformat(day) - timedelta(days=KEV_DAYS)).isoformat()
    listed = [e for e in catalogue["vulnerabilities"] if e["dateAdded"] <= released]
    kept = [{key: e[key] for key in KEV_KEPT} for e in listed if e["dateAdded"] >= oldest or e["cveID"] in cves]
    document = {
        "title": catalogue["title"],
        "catalogVersion": released.replace("-", "."),
        "dateReleased": f"{released}T00:00:00Z",
        "count": len(kept),
        "vulnerabilities": sorted(kept, key=lambda e: (e["dateAdded"], e["cveID"])),
    }
    path = out / day / "feeds/kev.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(e, separators=(",", ":")) for e in document.pop("vulnerabilities"))
    path.write_text(json.dumps(document)[:-1] + ', "vulnerabilities": [\n' + lines + "\n]}\n")
    return {e["cveID"]: e for e in kept}


def write_epss(data: Path, cves: set[str], day: str, out: Path) -> None:
    """Writes the scores of the newest snapshot of the day or before; a CVE without one stays unknown."""
    snapshot = max(row["date"] for row in csv.DictReader((data / EPSS_SNAPSHOTS).open()) if row["date"] <= day)
    newest: dict[str, dict] = {}
    for row in csv.DictReader(io.StringIO(_zstd(data / EPSS))):
        if row["cve"] in cves and row["date"] <= snapshot and row["date"] >= newest.get(row["cve"], row)["date"]:
            newest[row["cve"]] = row
    path = out / day / "feeds/epss.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{cve},{row['epss']},{row['percentile']}\n" for cve, row in sorted(newest.items()))
    path.write_text(f"#model_version:unrecorded,score_date:{snapshot}T00:00:00+0000\ncve,epss,percentile\n{rows}")


def write_cve5(data: Path, cves: set[str], out: Path) -> None:
    """Writes who scored what and CISA's SSVC points of the CVEs, a record a line."""
    lines = []
    for line in _zstd(data / VULNRICHMENT).splitlines():
        record = json.loads(line)
        if record["cveMetadata"]["cveId"] in cves:
            lines.append(json.dumps(_trim_cve5(record), separators=(",", ":")))
    path = out / "feeds/cve5.ndjson"
    path.write_text("\n".join(sorted(lines)) + "\n")


def _trim_cve5(record: dict) -> dict:
    containers = record["containers"]
    adp = [c for c in (_container(a) for a in containers.get("adp", [])) if c["metrics"]]
    metadata = record["cveMetadata"]
    return {
        "dataType": "CVE_RECORD",
        "dataVersion": record["dataVersion"],
        "cveMetadata": {key: metadata[key] for key in ("cveId", "state", "datePublished", "dateUpdated") if key in metadata},
        "containers": {"cna": _container(containers["cna"]), "adp": adp},
    }


def _container(container: dict) -> dict:
    metrics = []
    for metric in container.get("metrics", []):
        for name, value in metric.items():
            if name.startswith("cvssV"):
                metrics.append({name: {"version": value["version"], "vectorString": value["vectorString"]}})
            elif name == "other" and value.get("type") == "ssvc":
                content = {key: value["content"][key] for key in ("options", "timestamp") if key in value["content"]}
                metrics.append({name: {"type": "ssvc", "content": content}})
    return {"providerMetadata": {"shortName": container["providerMetadata"].get("shortName", "")}, "metrics": metrics}


def _zstd(path: Path) -> str:
    return subprocess.run(["zstd", "-dcq", path], check=True, capture_output=True).stdout.decode()


def write(published: Published, mornings: dict[str, list[Machine]], out: Path) -> None:
    """Writes every feed of both mornings."""
    cves = write_osv(published, mornings, out)
    write_cve5(published.data, cves, out)
    for day in DAYS:
        listed = write_kev(published.data, cves, day, out)
        write_epss(published.data, cves | set(listed), day, out)
