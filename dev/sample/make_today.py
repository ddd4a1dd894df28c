#!/usr/bin/env python3
"""Makes examples/today, the sample that `daywatch demo` runs on, from public feeds. README.md beside this file says how and why.

    make_today.py --data DIR [--out DIR]

The result is the same bytes whenever it is made from the same data. A version that no source lists stops the script.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from today import feeds, inventories
from today.fleet import DAYS, ECOSYSTEMS, Machine, fleet
from today.published import Published

SAMPLE = Path(__file__).resolve().parents[2] / "examples" / "today"


def main() -> None:
    """Reads the data, checks the fleet against it, writes the sample."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="directory of feeds and inventories (kev/, epss/, osv/, cve/, …)")
    parser.add_argument("--out", type=Path, default=SAMPLE, help="where the sample goes [default: examples/today]")
    options = parser.parse_args()
    published = Published(options.data, ECOSYSTEMS)
    mornings = {day: fleet(published, day) for day in DAYS}
    versions = sources(published, mornings)
    for made in ("feeds", *DAYS):
        shutil.rmtree(options.out / made, ignore_errors=True)
    for day, machines in mornings.items():
        for machine in machines:
            inventories.write(machine, options.out / day / "hosts")
    feeds.write(published, mornings, options.out)
    (options.out / "versions.tsv").write_text(versions)
    print(f"{len(mornings[DAYS[-1]])} hosts, {versions.count(chr(10)) - 1} versions, {size(options.out) / 1024:.0f} KiB in {options.out}")


def sources(published: Published, mornings: dict[str, list[Machine]]) -> str:
    """A line a version: where it was published. Stops at one that nobody published."""
    lines = set()
    for package in {p for machines in mornings.values() for m in machines for p in m.packages}:
        where = published.where(package.ecosystem, package.name, package.version)
        where = where or published.where(package.ecosystem, package.source, package.version)
        if where is None:
            raise SystemExit(f"{package.ecosystem} {package.name} {package.version}: no source lists this version")
        lines.add(f"{package.ecosystem}\t{package.name}\t{package.version}\t{where}\n")
    return "ecosystem\tpackage\tversion\tsource\n" + "".join(sorted(lines))


def size(directory: Path) -> int:
    """Bytes below a directory."""
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file())


if __name__ == "__main__":
    main()
