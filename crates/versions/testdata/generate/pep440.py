#!/usr/bin/env python3
"""Oracle: packaging.version. Reads a<TAB>b lines, writes one of < = > ! (invalid) a line."""
import sys

import packaging
from packaging.version import InvalidVersion, Version


def relation(a, b):
    try:
        a, b = Version(a), Version(b)
    except InvalidVersion:
        return "!"
    return "<" if a < b else ">" if a > b else "="


if sys.argv[1:] == ["--version"]:
    print("packaging.version,", packaging.__version__)
else:
    for line in sys.stdin:
        print(relation(*line.rstrip("\n").split("\t")))
