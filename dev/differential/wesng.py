#!/usr/bin/env python3
"""Findings of Daywatch against those of WES-NG (PyPI `wesng`) on the same captures and the same definitions.

    python3 -m pip install wesng==1.0.3 --target wesng
    daywatch feeds import definitions.zip --catalog windows.dwcat
    python3 dev/differential/wesng.py --wes wesng/wes.py --daywatch daywatch --catalog windows.dwcat \
        --definitions definitions.zip CAPTURE…

Two findings are the same when the CVE is. Every disagreement gets one reason; a line without one is printed in full.
WES-NG matches product names by substring and leaves out every update that any other replaces, so that a machine that lacks a
year of updates is said to lack the newest: those are differences of policy.
"""
import argparse
import collections
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("wes", "daywatch", "catalog", "definitions"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--write", help="a Markdown file to write the table into")
    parser.add_argument("captures", nargs="+")
    return parser.parse_args()


def definitions(path):
    """By product and CVE the updates of the list, and by update what replaces it within the product."""
    archive = zipfile.ZipFile(path)
    name = next(n for n in archive.namelist() if n.startswith("CVEs_"))
    fixes, replaced_by = collections.defaultdict(set), collections.defaultdict(set)
    for row in csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8")):
        product = row["AffectedProduct"].strip()
        if not row["BulletinKB"].isdigit():
            continue
        fixes[product, row["CVE"]].add(row["BulletinKB"])
        for old in filter(None, re.split("[;,]", row["Supersedes"])):
            replaced_by[product, old.strip()].add(row["BulletinKB"])
    return fixes, replaced_by


def theirs(options, capture):
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "out.csv")
        command = [sys.executable, options.wes, "--definitions", options.definitions, "-o", out, capture]
        subprocess.run(command, check=True, capture_output=True)
        found = collections.defaultdict(set)
        for row in csv.DictReader(open(out, newline="")):
            if row["CVE"].startswith("CVE-"):
                found[row["CVE"]].add((row["AffectedProduct"].strip(), row["BulletinKB"]))
        return found


def ours(options, capture):
    command = [options.daywatch, "scan", capture, "--catalog", options.catalog, "--format", "json"]
    run = subprocess.run(command, capture_output=True, text=True)
    report = json.loads(run.stdout)
    found, negatives = {}, {}
    for finding in report["findings"]:
        for cve in finding["cves"]:
            found[cve] = finding
    for negative in report["not_affected"]:
        for cve in negative["cves"]:
            negatives.setdefault(cve, negative)
    products = {finding["package"] for finding in report["findings"]}
    return found, negatives, products


def why_only_theirs(rows, negatives, cve, products):
    names = {product for product, _ in rows}
    own = names & products
    number = cve.rsplit("-", 1)[1]
    if len(number) > 4 and number.startswith("0"):
        return "an id misspelt in the list (CVE-2017-00016): it is found under its own"
    systems = {p.split(" on ")[-1] for p in products}
    if not own and all(" on " in n and n.split(" on ")[-1] in systems for n in names):
        return "a component the capture does not list (.NET, Flash, Edge, Office): not guessed"
    if not own:
        return "another product whose name contains or resembles this one's"
    negative = negatives.get(cve)
    if negative is None:
        return None
    detail = negative["detail"]
    if not any(kb for product, kb in rows if product in own):
        return "the list also has the row without an update, which WES-NG can never close; the update is installed or replaced"
    if "cumulative" in detail:
        return "a later cumulative update is installed, the published chain is broken"
    if "taken to be absent" in detail:
        return "one component was updated, the others never: taken to be absent"
    if "is installed and replaces" in detail:
        return "an installed update replaces one of the alternatives (rollup or security only)"
    if "is installed" in detail:
        return "one of the alternatives is installed (rollup or security only)"
    return None


def why_only_ours(finding, cve, replaced_by, their_products):
    product = finding["package"]
    if not any(product == p or p.startswith(product) for p in their_products):
        return "the product was not recognised, or taken for another"
    without = re.findall(r"KB(\d+)", finding["match"]["range"])
    if without and all(replaced_by[product, kb] for kb in without):
        return "left out because a newer update replaces the fix, though neither is installed"
    if without and any(replaced_by[product, kb] for kb in without):
        return "left out because a newer update replaces one of the alternatives"
    return "left out because its update is named as replaced under another spelling of the product"


def main():
    options = arguments()
    _, replaced_by = definitions(options.definitions)
    table, reasons, unexplained = [], collections.Counter(), []
    for capture in options.captures:
        their, (our, negatives, products) = theirs(options, capture), ours(options, capture)
        their_products = {p for rows in their.values() for p, _ in rows}
        both = set(their) & set(our)
        for cve in sorted(set(their) - set(our)):
            reason = why_only_theirs(their[cve], negatives, cve, products)
            reasons["only WES-NG", reason] += 1
            if reason is None:
                unexplained.append((capture, cve, sorted(their[cve]), negatives.get(cve)))
        for cve in sorted(set(our) - set(their)):
            reasons["only Daywatch", why_only_ours(our[cve], cve, replaced_by, their_products)] += 1
        table.append((os.path.basename(capture), len(both), len(set(their) - both), len(set(our) - both)))
    lines = ["| capture | both | only WES-NG | only Daywatch |", "|---|---:|---:|---:|"]
    lines += [f"| {name} | {both:,} | {one:,} | {other:,} |" for name, both, one, other in table]
    lines += ["", "| | why | findings |", "|---|---|---:|"]
    lines += [f"| {who} | {why or 'NOT EXPLAINED'} | {count:,} |" for (who, why), count in sorted(reasons.items(), key=lambda r: (r[0][0], -r[1]))]
    text = "\n".join(lines) + "\n"
    print(text)
    for line in unexplained[:40]:
        print("unexplained:", *line, file=sys.stderr)
    if options.write:
        open(options.write, "w").write(text)


main()
