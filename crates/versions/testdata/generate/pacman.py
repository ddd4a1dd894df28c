#!/usr/bin/env python3
"""Oracle: alpm_pkg_vercmp of libalpm. Reads a<TAB>b lines, writes one of < = > a line."""
import ctypes
import ctypes.util
import sys

alpm = ctypes.CDLL(ctypes.util.find_library("alpm"))
alpm.alpm_version.restype = ctypes.c_char_p

if sys.argv[1:] == ["--version"]:
    print("alpm_pkg_vercmp, libalpm", alpm.alpm_version().decode())
else:
    for line in sys.stdin:
        a, b = (v.encode() for v in line.rstrip("\n").split("\t"))
        print("<=>"[alpm.alpm_pkg_vercmp(a, b) + 1])
