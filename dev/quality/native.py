"""Which of two versions is newer, asked of the tools of each ecosystem, never of Daywatch.

Debian: `dpkg --compare-versions`. rpm: `rpm.ver` of rpm's own Lua. npm, Go, crates.io: node-semver (npm's; SemVer 2.0 is the rule of
all three). PyPI: packaging. Maven: ComparableVersion of maven-artifact. Alpine: there is no apk on Debian, so the rule is written out
here and checked against apk's own test pairs (crates/versions/testdata/apk).
"""

import functools
import pathlib
import re
import subprocess

from packaging.version import InvalidVersion, Version

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAVEN_JARS = ["/usr/share/java/maven3-artifact.jar", "/usr/share/maven/lib/maven-artifact-3.x.jar"]


class Line:
    """A tool that answers `a TAB b` with -1, 0 or 1, line for line."""

    def __init__(self, command):
        self.tool = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, a, b):
        self.tool.stdin.write(f"{a}\t{b}\n")
        self.tool.stdin.flush()
        return int(self.tool.stdout.readline())


RPM = """%{lua:
for line in io.stdin:lines() do
  local a, b = line:match("^(.*)\t(.*)$")
  local x, y = rpm.ver(a), rpm.ver(b)
  local r = "0"
  if x < y then r = "-1" end
  if y < x then r = "1" end
  io.stdout:write(r .. "\\n")
  io.stdout:flush()
end}"""

NODE = """
const semver = require('/usr/lib/node_modules/npm/node_modules/semver');
require('readline').createInterface({input: process.stdin}).on('line', l => {
  const [a, b] = l.split('\\t');
  console.log(semver.compare(a, b));
});"""


@functools.cache
def line(name):
    return Line({"rpm": ["rpm", "--eval", RPM], "semver": ["node", "-e", NODE]}[name])


@functools.cache
def deb(a, b):
    for word, answer in (("lt", -1), ("eq", 0), ("gt", 1)):
        done = subprocess.run(["dpkg", "--compare-versions", a, word, b], stderr=subprocess.PIPE)
        if done.stderr:
            raise ValueError(done.stderr.decode())
        if done.returncode == 0:
            return answer
    raise ValueError(f"dpkg: {a} {b}")


@functools.cache
def rpm(a, b):
    # Without an epoch the epoch is 0; rpm.ver takes `0:1-1` and `1-1` for the same.
    return line("rpm").ask(a, b)


@functools.cache
def semver(a, b):
    whole = lambda v: v + ".0" * (2 - v.split("-")[0].split("+")[0].count(".")) if re.fullmatch(r"\d+(\.\d+)?", v) else v
    return line("semver").ask(whole(a), whole(b))


def pypi(a, b):
    a, b = Version(a), Version(b)
    return (a > b) - (a < b)


@functools.cache
def maven(a, b):
    jar = next(j for j in MAVEN_JARS if pathlib.Path(j).exists())
    java = ["java", "-XX:TieredStopAtLevel=1", "-cp", jar, "org.apache.maven.artifact.versioning.ComparableVersion", a, b]
    out = subprocess.run(java, capture_output=True, text=True, check=True).stdout
    return {"<": -1, "==": 0, ">": 1}[re.search(r"^\s+\S+ (<|==|>) \S+$", out, re.M).group(1)]


SUFFIXES = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"]


def apk_key(version):
    """Numbers, a letter, suffixes, the revision; only what the versions of this set are made of."""
    m = re.fullmatch(r"(\d+(?:\.\d+)*)([a-z])?((?:_[a-z]+\d*)*)(?:-r(\d+))?", version)
    if not m or any(part.startswith("0") and part != "0" for part in m.group(1).split(".")[1:]):
        raise ValueError(f"apk: {version}")
    numbers = [int(n) for n in m.group(1).split(".")]
    suffixes = re.findall(r"_([a-z]+)(\d*)", m.group(3))
    suffixes = [(SUFFIXES.index(s), int(n or 0)) for s, n in suffixes] + [(SUFFIXES.index(""), 0)]
    # A letter is newer than none, a further number is newer than a letter.
    return ([(1, n) for n in numbers] + [(0, ord(m.group(2) or "`") - 96)], suffixes, int(m.group(4) or 0))


def apk(a, b):
    a, b = apk_key(a), apk_key(b)
    return (a > b) - (a < b)


COMPARE = {
    "Debian": (deb, "dpkg --compare-versions"),
    "Alpine": (apk, "apk rule by hand"),
    "AlmaLinux": (rpm, "rpm.ver"),
    "Rocky Linux": (rpm, "rpm.ver"),
    "Red Hat": (rpm, "rpm.ver"),
    "npm": (semver, "node-semver"),
    "Go": (semver, "node-semver"),
    "crates.io": (semver, "node-semver"),
    "PyPI": (pypi, "packaging"),
    "Maven": (maven, "ComparableVersion"),
}


def check_apk():
    """Our apk rule against apk's own pairs."""
    asked = 0
    for text in (ROOT / "crates/versions/testdata/apk/pairs.tsv").read_text().splitlines():
        a, sign, b = (text.split("\t") + ["", ""])[:3]
        try:
            ours = apk(a, b)
        except ValueError:
            continue
        assert "<=>"[ours + 1] == sign, (a, sign, b)
        asked += 1
    return asked


if __name__ == "__main__":
    print(check_apk(), deb("1~rc1", "1"), rpm("1:1-1", "2-1"), semver("1.0.0-rc.1", "1.0.0"), maven("1.0-rc1", "1.0"), pypi("1.0.post1", "1.0"))
