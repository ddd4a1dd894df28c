#!/usr/bin/env python3
"""Picks pairs of versions and lets an oracle compare them.

usage: pairs.py SCHEME COUNT all|accepted|published ORACLE-COMMAND... < VERSIONS > ../SCHEME/pairs.tsv

VERSIONS holds one package a line, its published versions separated by tabs. The choice is the same for the same input.
Every pair is of published versions, but for a tenth that is altered by a character or two, and the lines of
adversarial.txt, which are paired with each other and with published versions. `all` keeps the pairs that the oracle
refuses, as `!`; `accepted` leaves them out, for a scheme that is lenient by design; `published` takes nothing but
published versions, for an oracle that is no judge of what is valid.
"""
import os
import random
import subprocess
import sys

scheme, count, kind, command = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
here = os.path.dirname(os.path.abspath(__file__))
pick = random.Random(scheme)
packages = [line.rstrip("\n").split("\t") for line in sys.stdin]
# A bare 0 is how OSV writes "before everything", not a version.
packages = [[v for v in versions if v not in ("", "0")] for versions in packages]
packages = [versions for versions in packages if len(versions) > 1]
with open(os.path.join(here, "adversarial.txt"), encoding="utf-8") as file:
    adversarial = [line.rstrip("\n") for line in file if not line.startswith("#")]


def altered(version):
    at = pick.randrange(len(version) + 1)
    extra = pick.choice([".0", "0", "~", "^", "-1", ".1", "a", "rc1", "-", "+", "_", "-alpha", "é", "99999999999999999999"])
    return version[:at] + extra + version[at:]


def pairs():
    for _ in range(count):
        yield tuple(pick.sample(pick.choice(packages), 2))
    if kind == "published":
        return
    for _ in range(count // 10):
        version = pick.choice(pick.choice(packages))
        yield version, altered(version)
    for _ in range(count // 5):
        yield tuple(pick.sample(adversarial, 2))
    for _ in range(count // 10):
        yield pick.choice(adversarial), pick.choice(pick.choice(packages))


chosen = sorted(set(pairs()))
text = "".join(f"{a}\t{b}\n" for a, b in chosen)
answers = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True, text=True).stdout.split()
oracle = subprocess.run(command + ["--version"], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
assert len(answers) == len(chosen), (len(answers), len(chosen))
print(f"# {oracle}" + ("; `!` is refused" if kind == "all" else ""))
for (a, b), answer in zip(chosen, answers):
    if answer != "!" or kind == "all":
        print(f"{a}\t{answer}\t{b}")
