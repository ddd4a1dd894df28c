"""Windows: the list of updates of real machines against WES-NG's list, chains written out.

Two rules, neither of them Daywatch's code. Windows 8.1, Server 2012 R2 and older: a hole is closed if one of the updates that close
it is installed, or is replaced, over any number of published links, by one that is. Windows 10, Server 2016 and newer: updates are
cumulative, so the month of the newest installed one decides; the months stand in CUMULATIVE, written from Microsoft's release history,
not from the list. What comes beside the cumulative update (BESIDE) must be installed itself.
"""

import collections
import csv
import hashlib
import io
import re
import zipfile

import judged

LIST = "CVEs_20260628.csv"
AS_OF = "2026-06-28"

# Release history of Windows 10 1809 and Server 2019: https://support.microsoft.com/topic/464330 and following.
CUMULATIVE = {
    "4464330": "2018-10", "4467708": "2018-11", "4471332": "2018-12", "4480116": "2019-01", "4487044": "2019-02",
    "4489899": "2019-03", "4493509": "2019-04", "4538461": "2020-03", "4598230": "2021-01", "5017315": "2022-09",
    "5043050": "2024-09", "5063877": "2025-08", "5075904": "2026-02",
}
BESIDE = {"5012170": "revocation list of secure boot"}
SERVER_2019, CLIENT_1809 = "Windows Server 2019", "Windows 10 Version 1809 for x64-based Systems"

# Host, product, the capture of systeminfo it is cut from, and the lines that name the system.
HOSTS = [
    ("windows-2012r2", "Windows Server 2012 R2", "srv_2012r2_u1_systeminfo.txt"),
    ("windows-7", "Windows 7 for x64-based Systems Service Pack 1", "7_sp1_x64_enterprise_en-us_B_systeminfo.txt"),
    ("windows-2003", "Microsoft Windows Server 2003 Service Pack 2", "srv_2003r2_sp2_x86_standard_en-us_systeminfo.txt"),
    ("windows-xp", "Microsoft Windows XP Service Pack 3", "xp_sp3_x86_professional_en-us_systeminfo.txt"),
    ("windows-2019-01", SERVER_2019, "srv_2019_rtm_datacenter_en-us_systeminfo.txt"),
    ("windows-10-1809", CLIENT_1809, "10_1809_x64_education_en-us_20190306_systeminfo.txt"),
    # The same system six years later: one cumulative update, no revocation list.
    ("windows-2019-08", SERVER_2019, "srv_2019_rtm_datacenter_en-us_systeminfo.txt"),
]
LATER = {"windows-2019-08": ["5063877"]}

# A role that is listed as not installed; its clients are something else.
FEATURES = {
    "windows-2019-08": """
Display Name                                            Name                       Install State
------------                                            ----                       -------------
[ ] DHCP Server                                         DHCP                           Available
[ ] DNS Server                                          DNS                            Available
[ ] Hyper-V                                             Hyper-V                        Available
[X] Web Server (IIS)                                    Web-Server                     Installed
    [X] Web Server                                      Web-WebServer                  Installed
"""
}
FEATURES["windows-2019-01"] = FEATURES["windows-2019-08"]
ABSENT = {"Windows DHCP Server": "DHCP", "Role: Windows Hyper-V": "Hyper-V", "Windows Hyper-V": "Hyper-V", "Role: DNS Server": "DNS"}

# Components with updates of their own, which may or may not be there.
OTHER = re.compile(r"explorer|\.net|flash|edge|vbscript|silverlight|office|sql|messenger|media player|works|internet|scripting", re.I)


def installed(text):
    return list(dict.fromkeys(re.findall(r"KB(\d{6,7})", text)))


def capture(name, text):
    """The lines that tell the system and its updates; names of people and machines left out."""
    keep = {}
    for label in ("OS Name", "OS Version", "OS Configuration", "System Type"):
        m = re.search(rf"^{label}:\s+(.*?)\s*$", text, re.M | re.I)
        keep[label] = m.group(1)
    updates = LATER.get(name) or installed(text)
    lines = ["", f"{'Host Name:':27}{name.upper()}"]
    lines += [f"{k + ':':27}{v}" for k, v in keep.items()]
    lines.append(f"{'Hotfix(s):':27}{len(updates)} Hotfix(s) Installed.")
    lines += [f"{'':27}[{i:02}]: KB{kb}" for i, kb in enumerate(updates, 1)]
    return "\r\n".join(lines) + "\r\n", updates


class Product:
    """The rows of one product."""

    def __init__(self, rows):
        self.rows = rows
        self.fixes = collections.defaultdict(set)
        self.component = collections.defaultdict(set)
        self.replaces = collections.defaultdict(set)
        self.by_update = collections.defaultdict(list)
        for row in rows:
            date, cve, kb, _, _, component, _, _, supersedes, _ = row
            if not cve.startswith("CVE-") or not kb:
                continue
            self.fixes[cve].add(kb)
            self.component[cve].add(component)
            self.by_update[kb].append(row)
            for old in re.split(r"[;,\s]+", supersedes):
                if old and old != kb:
                    self.replaces[kb].add(old)

    def chain(self, have, fix):
        """`installed > … > fix`, shortest first; None if no chain leads there."""
        paths = collections.deque([kb] for kb in sorted(have))
        seen = set(have)
        while paths:
            path = paths.popleft()
            if path[-1] == fix:
                return path
            for old in sorted(self.replaces[path[-1]]):
                if old not in seen:
                    seen.add(old)
                    paths.append([*path, old])
        return None


def judge(host, product, cve, have):
    fixes = sorted(product.fixes[cve])
    component = product.component[cve]
    named = " or ".join("KB" + f for f in fixes)
    if host in FEATURES and len(component) == 1 and (role := ABSENT.get(next(iter(component)))):
        return dict(
            verdict="not-affected", reason="component-absent", why=f"{next(iter(component))}; the role {role} is not installed", trap="role"
        )
    there = next((f for f in fixes if f in have), None)
    if there:
        return dict(verdict="not-affected", why=f"KB{there} is installed", trap="")
    if any(kb in CUMULATIVE for kb in have):
        month, newest = max((CUMULATIVE[kb], kb) for kb in have if kb in CUMULATIVE)
        on_line = [f for f in fixes if f in CUMULATIVE]
        closed = next((f for f in on_line if CUMULATIVE[f] <= month), None)
        if closed:
            why = f"KB{newest} of {month} is cumulative and holds KB{closed} of {CUMULATIVE[closed]}"
            return dict(verdict="not-affected", reason="superseded", why=why, trap="list")
        beside = next((f"; {BESIDE[f]}, in no cumulative update" for f in fixes if f in BESIDE), "")
        when = "".join(f" of {CUMULATIVE[f]}" for f in on_line)
        return dict(verdict="affected", why=f"{named}{when} is not installed, newest is KB{newest} of {month}{beside}")
    paths = [p for f in fixes if (p := product.chain(have, f))]
    if paths:
        path = min(paths, key=len)
        why = f"KB{path[0]} is installed and replaces " + " > ".join("KB" + kb for kb in path[1:])
        return dict(verdict="not-affected", reason="superseded", why=why, trap="list")
    return dict(verdict="affected", why=f"{named} is not installed, and no chain from an installed update leads to it")


def choose(name, product, have):
    """CVEs of one product: for cumulative ones two of each month, else some of each kind, spread over the years."""
    if any(kb in CUMULATIVE for kb in have):
        chosen = []
        for kb in [*CUMULATIVE, *BESIDE]:
            # The list dates an update by most of its rows; what was cut from it must not date it otherwise.
            day = max((collections.Counter(r[0] for r in product.by_update[kb])).items(), key=lambda c: c[1], default=("", 0))[0]
            mine = [r for r in product.by_update[kb] if product.fixes[r[1]] == {kb} and r[0] == day and not OTHER.search(r[5])]
            cves = list(dict.fromkeys(r[1] for r in mine))
            roles = [c for c in cves if any(k in ABSENT for k in product.component[c])]
            chosen += cves[: 1 if roles else 2] + roles[:1]
        return list(dict.fromkeys(chosen))
    classes = collections.defaultdict(list)
    for cve, fixes in sorted(product.fixes.items()):
        if len(fixes) > 2 or OTHER.search(" ".join(product.component[cve])):
            continue
        label = judge(name, product, cve, have)
        links = label["why"].count(" > ") + 1 if label.get("reason") == "superseded" else 0
        classes[label["verdict"], min(links, 3)].append(cve)
    chosen = []
    for (verdict, links), cves in sorted(classes.items()):
        count = {0: 4, 1: 4, 2: 3, 3: 3}[links] + (verdict == "affected")
        chosen += cves[:: max(1, len(cves) // count)][:count]
    return chosen


def cut(product, cve, have):
    """The rows of a CVE, and for every link of its chain one row that states it."""
    rows = [r for r in product.rows if r[1] == cve and r[2]]
    if any(kb in CUMULATIVE for kb in have):
        return rows
    for fix in product.fixes[cve]:
        path = product.chain(have, fix) or []
        for newer, older in zip(path, path[1:]):
            stating = [r for r in product.by_update[newer] if older in re.split(r"[;,\s]+", r[8])]
            same_day = collections.Counter(r[0] for r in product.by_update[newer]).most_common(1)[0][0]
            rows += [min(stating, key=lambda r: (r[0] != same_day, r[1]))]
    return rows


def make(data, folder):
    archive = zipfile.ZipFile(data / "definitions.zip")
    raw = archive.read(LIST)
    digest = hashlib.sha256(raw).hexdigest()
    wanted = {product for _, product, _ in HOSTS}
    by_product = collections.defaultdict(list)
    reader = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    header = next(reader)
    for row in reader:
        if row[4] in wanted:
            by_product[row[4]].append(row)
    products = {name: Product(rows) for name, rows in by_product.items()}
    captures = zipfile.ZipFile(data / "systeminfo.zip")
    hosts, kept, lists, builds = [], collections.defaultdict(list), {}, {}
    for name, product, file in HOSTS:
        text, have = capture(name, captures.read("validation/" + file).decode("latin-1"))
        files = {"systeminfo.txt": text}
        if name in FEATURES:
            files["windowsfeature.txt"] = FEATURES[name]
        hosts.append((name, files))
        builds[name] = re.search(r"OS Version: +(\S+)", text).group(1)
        lists[name] = set(have)
        for cve in choose(name, products[product], lists[name]):
            kept[product] += cut(products[product], cve, lists[name])
    labels = []
    with open(folder / "wesng.csv", "w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(header)
        for product, rows in kept.items():
            rows = list(dict.fromkeys(tuple(r[:3]) + ("",) + tuple(r[4:9]) + ("",) for r in rows))
            writer.writerows(rows)
            small = Product([list(r) for r in rows])
            for name, of, _ in HOSTS:
                if of != product:
                    continue
                for cve in sorted(small.fixes):
                    whole = judge(name, products[product], cve, lists[name])
                    # What was cut must not change the answer.
                    if judge(name, small, cve, lists[name])["verdict"] != whole["verdict"]:
                        continue
                    labels.append(
                        dict(host=name, package=product, version=builds[name], record=cve, cves={cve}, digest=digest, as_of=AS_OF)
                        | dict(checked_by="chain written out" if " > " in whole["why"] else "list of updates")
                        | whole
                        | (judged.LABELS.get((name, product, builds[name], cve)) or {})
                    )
    return hosts, labels
