"""The order of Debian, RPM and Alpine versions, as far as the sample needs it.

deb-version(7); https://rpm-software-management.github.io/rpm/manual/dependencies.html#versions; apk-tools' order for plain
versions with a revision. The product has its own, tested ones in crates/versions; this script must not depend on a build.
"""

from __future__ import annotations

import re
from functools import cmp_to_key


def compare(ecosystem: str, a: str, b: str) -> int:
    """Below zero, zero or above zero as `a` is before, equal to or after `b`."""
    family = ecosystem.split(":")[0]
    if family == "Debian":
        return _deb(a, b)
    if family == "AlmaLinux":
        return _rpm(a, b)
    if family == "Alpine":
        return _apk(a, b)
    raise ValueError(f"no order for {ecosystem}")


def key(ecosystem: str):
    """A key for `sorted` and `max`."""
    return cmp_to_key(lambda a, b: compare(ecosystem, a, b))


def _sign(a, b) -> int:
    return (a > b) - (a < b)


def _split(version: str) -> tuple[int, str, str]:
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    upstream, dash, revision = rest.rpartition("-")
    return int(epoch), (upstream if dash else rest), (revision if dash else "")


def _deb(a: str, b: str) -> int:
    (ea, ua, ra), (eb, ub, rb) = _split(a), _split(b)
    return _sign(ea, eb) or _deb_part(ua, ub) or _deb_part(ra, rb)


def _deb_part(a: str, b: str) -> int:
    while a or b:
        (la, a), (lb, b) = _leading(r"\D*", a), _leading(r"\D*", b)
        wa, wb = [_weight(c) for c in la] + [0], [_weight(c) for c in lb] + [0]
        if wa != wb:
            return _sign(wa, wb)
        (da, a), (db, b) = _leading(r"\d*", a), _leading(r"\d*", b)
        if int(da or 0) != int(db or 0):
            return _sign(int(da or 0), int(db or 0))
    return 0


def _leading(pattern: str, text: str) -> tuple[str, str]:
    end = re.match(pattern, text).end()
    return text[:end], text[end:]


def _weight(character: str) -> int:
    if character == "~":
        return -1
    return ord(character) if character.isalpha() else ord(character) + 256


def _rpm(a: str, b: str) -> int:
    (ea, va, ra), (eb, vb, rb) = _split(a), _split(b)
    return _sign(ea, eb) or _rpm_part(va, vb) or _rpm_part(ra, rb)


def _rpm_part(a: str, b: str) -> int:
    segments = re.compile(r"\d+|[A-Za-z]+|~|\^")
    left, right = segments.findall(a), segments.findall(b)
    for x, y in zip(left, right):
        if x == y:
            continue
        for mark in ("~", "^"):
            if mark in (x, y):
                return -1 if (x == "~" or y == "^") else 1
        if x.isdigit() and y.isdigit():
            if int(x) != int(y):
                return _sign(int(x), int(y))
        elif x.isdigit() != y.isdigit():
            return 1 if x.isdigit() else -1
        else:
            return _sign(x, y)
    if len(left) == len(right):
        return 0
    longer, sign = (left, 1) if len(left) > len(right) else (right, -1)
    return -sign if longer[min(len(left), len(right))] == "~" else sign


def _apk(a: str, b: str) -> int:
    (_, va, ra), (_, vb, rb) = _split(a), _split(b)
    return _deb_part(va.replace("_", "~") if "_rc" in va else va, vb) or _deb_part(ra, rb)
