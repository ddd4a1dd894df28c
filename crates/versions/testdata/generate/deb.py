#!/usr/bin/env python3
"""Oracle: dpkg --compare-versions. Reads a<TAB>b lines, writes one of < = > ! (refused) a line."""
import subprocess
import sys


def relation(a, b):
    for op, sign in (("lt", "<"), ("eq", "="), ("gt", ">")):
        done = subprocess.run(["dpkg", "--compare-versions", "--", a, op, b], capture_output=True)
        if done.returncode == 0:
            return sign
        if done.returncode > 1:
            return "!"
    return "!"


if sys.argv[1:] == ["--version"]:
    text = subprocess.run(["dpkg", "--version"], capture_output=True, text=True).stdout
    print("dpkg --compare-versions,", text.split("version ")[1].split(" ")[0])
else:
    for line in sys.stdin:
        print(relation(*line.rstrip("\n").split("\t")))
