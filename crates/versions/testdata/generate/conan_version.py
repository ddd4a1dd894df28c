#!/usr/bin/env python3
"""Oracle: Conan's Version. Reads a<TAB>b lines, writes one of < = > a line."""
import sys

import conan
from conan.internal.model.version import Version

if sys.argv[1:] == ["--version"]:
    print("conan.internal.model.version,", conan.__version__)
else:
    for line in sys.stdin:
        a, b = (Version(v) for v in line.rstrip("\n").split("\t"))
        print("<" if a < b else "=" if a == b else ">")
