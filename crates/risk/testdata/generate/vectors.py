"""Writes testdata/cvss from Red Hat's `cvss` 3.6 (PyPI), whose v4 code is the port of FIRST's reference calculator.

    pip install cvss==3.6 && python vectors.py

base-*.tsv: every combination of base metrics; a line is the first metrics and the scores of all combinations of the rest,
            the last changing fastest (v4: the FNV-1a hash of the scores in tenths, one byte each).
random-*.tsv: vector, base score (v4: score), score with every metric given. The seed is fixed.
"""

import itertools
import pathlib
import random

from cvss import CVSS2, CVSS3, CVSS4

OUT = pathlib.Path(__file__).parent.parent / "cvss"
V2_HEAD = [("AV", "LAN"), ("AC", "HML"), ("Au", "MSN")]
V2_TAIL = [(m, "NPC") for m in "CIA"]
V2_REST = [("E", ["U", "POC", "F", "H", "ND"]), ("RL", ["OF", "TF", "W", "U", "ND"]), ("RC", ["UC", "UR", "C", "ND"]),
           ("CDP", ["N", "L", "LM", "MH", "H", "ND"]), ("TD", ["N", "L", "M", "H", "ND"])] + [
    (m, ["L", "M", "H", "ND"]) for m in ("CR", "IR", "AR")]
V3_HEAD = [("AV", "NALP"), ("AC", "LH"), ("PR", "NLH"), ("UI", "NR"), ("S", "UC")]
V3_TAIL = [(m, "NLH") for m in "CIA"]
V3_REST = [("E", "XUPFH"), ("RL", "XOTWU"), ("RC", "XURC"), ("CR", "XLMH"), ("IR", "XLMH"), ("AR", "XLMH")] + [
    ("M" + m, "X" + v) for m, v in V3_HEAD + V3_TAIL]
V4_HEAD = [("AV", "NALP"), ("AC", "LH"), ("AT", "NP"), ("PR", "NLH"), ("UI", "NPA")]
V4_TAIL = [(m, "HLN") for m in ("VC", "VI", "VA", "SC", "SI", "SA")]
V4_REST = [("E", "XAPU"), ("CR", "XHML"), ("IR", "XHML"), ("AR", "XHML")] + [
    ("M" + m, "X" + v + ("S" if m in ("SI", "SA") else "")) for m, v in V4_HEAD + V4_TAIL] + [
    ("S", "XNP"), ("AU", "XNY"), ("R", "XAUI"), ("V", "XDC"), ("RE", "XLMH"), ("U", ["X", "Clear", "Green", "Amber", "Red"])]


def combinations(metrics):
    for values in itertools.product(*(v for _, v in metrics)):
        yield "/".join(f"{m}:{v}" for (m, _), v in zip(metrics, values))


def fnv(scores):
    value = 0xCBF29CE484222325
    for score in scores:
        value = ((value ^ round(score * 10)) * 0x100000001B3) % 2**64
    return f"{value:016x}"


def base(name, prefix, head, tail, score, compact=False):
    with open(OUT / f"base-{name}.tsv", "w") as out:
        for first in combinations(head):
            scores = [score(f"{prefix}{first}/{rest}") for rest in combinations(tail)]
            out.write(f"{first}\t{fnv(scores) if compact else ' '.join(map(str, scores))}\n")


def at_random(name, prefix, mandatory, optional, scores, count=1000):
    rng = random.Random(20260901)
    with open(OUT / f"random-{name}.tsv", "w") as out:
        for _ in range(count):
            share = rng.choice([0.0, 0.2, 0.6, 1.0])
            chosen = mandatory + [metric for metric in optional if rng.random() < share]
            vector = prefix + "/".join(f"{m}:{rng.choice(v)}" for m, v in chosen)
            out.write("\t".join([vector, *map(str, scores(vector))]) + "\n")


def v2(vector):
    base_score, temporal, environmental = CVSS2(vector).scores()
    overall = environmental if environmental is not None else temporal if temporal is not None else base_score
    return base_score, overall


def v3(vector):
    base_score, temporal, environmental = CVSS3(vector).scores()
    given = dict(field.split(":") for field in vector.split("/")[1:])
    modified = any(given.get(m, "X") != "X" for m, _ in V3_REST[3:])
    return base_score, environmental if modified else temporal


def v4(vector):
    return CVSS4(vector).base_score, CVSS4(vector).base_score


base("2.0", "", V2_HEAD, V2_TAIL, lambda v: v2(v)[0])
at_random("2.0", "", V2_HEAD + V2_TAIL, V2_REST, v2)
for version in ("3.0", "3.1"):
    base(version, f"CVSS:{version}/", V3_HEAD, V3_TAIL, lambda v: v3(v)[0])
    at_random(version, f"CVSS:{version}/", V3_HEAD + V3_TAIL, V3_REST, v3)
base("4.0", "CVSS:4.0/", V4_HEAD, V4_TAIL, lambda v: v4(v)[0], compact=True)
at_random("4.0", "CVSS:4.0/", V4_HEAD + V4_TAIL, V4_REST, v4)
