"""What was decided by hand: records that must be in the set, facts of a host no record knows, labels read one by one."""

# Records taken besides those the script chooses, for what they are an example of.
RECORDS = {
    "Debian": [
        "CVE-2023-0358",  # gpac of Debian 11: end of life, so affected and never fixed
        "CVE-2023-26437",  # pdns-recursor of Debian 11: the same
        "CVE-2023-38545",  # curl 7.88.1-10+deb12u4: fixed long before the upstream version that fixes it
        "CVE-2022-0001",  # linux: the kernel that runs, and one that does not
        "CVE-2024-1086",
        # Backports: fixed in the next release and not in 12, and the other way round.
        "CVE-2024-2379", "CVE-2024-6197", "CVE-2024-7264", "CVE-2024-8096", "CVE-2024-23184", "CVE-2023-31102", "CVE-2024-3596",
        "CVE-2022-48340", "CVE-2024-23848", "CVE-2024-41009", "CVE-2024-47697", "CVE-2024-53682",
    ],
    "npm": [
        "GHSA-35jh-r3h4-6jhm",
        "GHSA-p6mc-m468-83gw",  # last_affected instead of fixed
        "GHSA-29mw-wpgm-hmr9",
    ],
    "PyPI": ["GHSA-h95j-h2rv-qrg4", "GHSA-rwqr-c348-m5wr"],  # last_affected
    "Maven": [
        "GHSA-jfh8-c2jp-5v3q",  # Log4Shell
        "GHSA-7rjr-3q55-vv33",  # its second half
        "GHSA-p6xc-xr62-6r2g",
        "GHSA-c4r9-r8fh-9vj2",
    ],
}

# More than the usual number of a class.
TAKEN = {
    (ecosystem, kind): count
    for ecosystem in ("npm", "PyPI", "Maven", "Go", "crates.io")
    for kind, count in (("affected", 2), ("no fix", 1), ("branch", 2), ("text-order", 1))
}

NO_KERNEL_CODE = ("component-absent", "headers hold no code of the kernel")

# What the record cannot know.
HOST_FACTS = {
    ("debian-11", "linux-image-5.10.0-20-amd64", "5.10.158-2"): (
        "not-running",
        "installed beside 5.10.0-28, which runs",
    ),
    ("debian-11", "linux-headers-5.10.0-28-amd64", "5.10.209-2"): NO_KERNEL_CODE,
    ("debian-12", "linux-libc-dev", "6.1.124-1"): NO_KERNEL_CODE,
    ("almalinux-8", "kernel-core", "4.18.0-553.27.1.el8_10"): (
        "not-running",
        "installed beside 4.18.0-553.75.1, which runs",
    ),
}


def _unknown(why):
    return dict(verdict="unknown", reason="", fixed="", trap="", why=why)


# Host, package, version, record: what the record says and what is known otherwise disagree, or the script's word is not the last.
LABELS = {
    ("alpine-3.18", "curl", "8.1.2-r0", "CVE-2024-6197"): _unknown(
        "Alpine: fixed in 8.9.0-r0; curl: only 8.6.0 to 8.8.0 were affected"
    ),
    ("alpine-3.18", "libcurl", "8.1.2-r0", "CVE-2024-6197"): _unknown(
        "Alpine: fixed in 8.9.0-r0; curl: only 8.6.0 to 8.8.0 were affected"
    ),
    ("alpine-3.16", "apache2", "2.4.54-r0", "CVE-2023-43622"): _unknown(
        "Alpine: fixed in 2.4.58-r0; httpd: 2.4.55 to 2.4.57 were affected"
    ),
    ("debian-11", "bind9-libs", "1:9.16.37-1~deb11u1", "CVE-2022-2881"): _unknown(
        "Debian: no fix; ISC: 9.18.0 and newer were affected"
    ),
    ("alpine-3.18", "curl", "8.1.2-r0", "CVE-2024-6874"): _unknown("Alpine: fixed in 8.9.0-r0; curl: only 8.8.0 was affected"),
    ("alpine-3.18", "libcurl", "8.1.2-r0", "CVE-2024-6874"): _unknown("Alpine: fixed in 8.9.0-r0; curl: only 8.8.0 was affected"),
    ("debian-12-backports", "curl", "8.7.1-5~bpo12+1", "CVE-2024-6874"): _unknown(
        "Debian 13: fixed in 8.9.0-1; curl: only 8.8.0 was affected"
    ),
    ("debian-12-backports", "curl", "8.7.1-5~bpo12+1", "CVE-2025-0665"): _unknown("curl: only 8.11.1 was affected"),
    ("debian-12-backports", "linux-image-6.9.7+bpo-amd64", "6.9.7-1~bpo12+1", "CVE-2024-53682"): _unknown(
        "Debian 13: fixed in 6.12.6-1; since when there is a hole is not in the record"
    ),
    # Programs and parts that may not be there, and updates of several parts of the system.
    ("windows-xp", "Microsoft Windows XP Service Pack 3", "5.1.2600", "CVE-2008-1436"): _unknown(
        "KB956572 is of several parts, some of which KB2393802 replaced; the list says of none"
    ),
    ("windows-xp", "Microsoft Windows XP Service Pack 3", "5.1.2600", "CVE-2009-0239"): _unknown("Windows Search 4.0 is a program"),
    ("windows-xp", "Microsoft Windows XP Service Pack 3", "5.1.2600", "CVE-2010-0025"): _unknown("the mail server may not be there"),
    ("windows-xp", "Microsoft Windows XP Service Pack 3", "5.1.2600", "CVE-2010-2564"): _unknown("Movie Maker 2.1 is a program"),
    ("windows-7", "Windows 7 for x64-based Systems Service Pack 1", "6.1.7601", "CVE-2007-0099"): _unknown("MSXML 4 is a program"),
    ("windows-2012r2", "Windows Server 2012 R2", "6.3.9600", "CVE-2013-3869"): dict(
        verdict="not-affected",
        reason="superseded",
        fixed="",
        trap="list",
        why="KB2919355, the update of April 2014, is installed and holds all before it; the published list has no link for KB2868626",
        checked_by="Microsoft's page of KB2919355",
    ),
    ("app-crates-io", "time", "0.1.43", "RUSTSEC-2020-0071"): dict(
        fixed="0.2.23", why="0.1.43 is older than the fix 0.2.23; 0.2.0 to 0.2.6 in between were never affected"
    ),
}

# Alpine lists in a release what it fixed there. Silence about a release whose version another one counts as affected proves nothing,
# except where upstream says in which versions the hole came.
SILENCE_IS_NO = {
    "CVE-2024-12797": "OpenSSL 3.2 and newer only",
    "CVE-2023-6237": "OpenSSL 3.0 and newer only",
}
