"""The fleet: which machine has which packages on which morning. Invented are the names of the hosts and what happened to them
overnight; every package version is a published one (see `published.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from .published import Published

FIRST, SECOND = "2026-08-04", "2026-08-05"
DAYS = (FIRST, SECOND)
HOUR = "T06:00:00Z"  # when the briefing is written; what was published later is not known that morning

ECOSYSTEMS = {"Debian:12", "AlmaLinux:8", "AlmaLinux:9", "Alpine:v3.18", "Alpine:v3.21", "Maven", "npm", "PyPI", "Go"}


@dataclass(frozen=True)
class Package:
    """An installed package. `source` is what Debian and Alpine name in their advisories, and the source RPM."""

    ecosystem: str
    name: str
    version: str
    source: str
    architecture: str = ""


@dataclass(frozen=True)
class Machine:
    """A host on one morning; `shape` is the kind of inventory it sends."""

    name: str
    shape: str
    packages: tuple[Package, ...] = field(default_factory=tuple)


# What a small Debian 12 server has, less documentation, locales and fonts; versions are those of the container.
DEBIAN_BASE = """
adduser base-files base-passwd bash ca-certificates dash debconf debian-archive-keyring debianutils
diffutils dpkg findutils grep gzip hostname init-system-helpers iproute2 libacl1 libattr1 libaudit-common libaudit1
libbz2-1.0 libc6 libcap2 libcap-ng0 libcom-err2 libcrypt1 libdb5.3 libffi8 libgmp10 libhogweed6 libidn2-0 liblz4-1 liblzma5
libmd0 libnettle8 libp11-kit0 libpcre2-8-0 libreadline8 libseccomp2 libselinux1 libsemanage2 libsepol2 libssl3 libtasn1-6
libunistring2 libxxhash0 libzstd1 logsave mawk media-types netbase readline-common sed sensible-utils
sysvinit-utils tzdata ucf usr-is-merged zlib1g
""".split()

# Binary packages and versions of the services, by source package.
APACHE = ("apache2", ["apache2", "apache2-bin"])
BIND = ("bind9", ["bind9", "bind9-libs", "bind9-utils"])
DOVECOT = ("dovecot", ["dovecot-core", "dovecot-imapd"])
EXIM = ("exim4", ["exim4-base", "exim4-daemon-light"])
HAPROXY = ("haproxy", ["haproxy"])
JAVA = ("openjdk-17", ["openjdk-17-jre-headless"])
POSTGRES = ("postgresql-15", ["libpq5", "postgresql-15", "postgresql-client-15"])
REDIS = ("redis", ["redis-server", "redis-tools"])
ROUNDCUBE = ("roundcube", ["roundcube", "roundcube-core"])
RSYNC = ("rsync", ["rsync"])
STRONGSWAN = ("strongswan", ["libstrongswan", "strongswan-charon"])


def debian(published: Published, *services: tuple[tuple[str, list[str]], str], extra: str = "") -> tuple[Package, ...]:
    """A Debian 12 machine: the base, more from the container, and services at a version each."""
    packages = [_from_container(published, name) for name in [*DEBIAN_BASE, *extra.split()]]
    for (source, names), version in services:
        packages += [Package("Debian:12", name, version, source, "amd64") for name in names]
    return tuple(sorted({p.name: p for p in packages}.values(), key=lambda p: p.name))


def _from_container(published: Published, name: str) -> Package:
    fields = published.container[name]
    source = fields.get("Source", name).split(" ")[0]
    return Package("Debian:12", name, fields["Version"], source, fields["Architecture"])


# What a small AlmaLinux 9 server has, as far as errata name its builds; the source RPM of each.
ALMA_BASE = {
    "NetworkManager": "NetworkManager", "bash": "bash", "bzip2-libs": "bzip2", "dbus": "dbus", "expat": "expat",
    "glib2": "glib2", "glibc": "glibc", "glibc-common": "glibc", "gnupg2": "gnupg2", "gnutls": "gnutls",
    "kernel-core": "kernel", "krb5-libs": "krb5", "less": "less", "libarchive": "libarchive", "libcap": "libcap",
    "libnghttp2": "nghttp2", "libssh": "libssh", "libtasn1": "libtasn1", "libxml2": "libxml2", "ncurses-libs": "ncurses",
    "openssh": "openssh", "openssh-server": "openssh", "openssl": "openssl", "openssl-libs": "openssl", "pam": "pam",
    "python3": "python3.9", "python3-libs": "python3.9", "rpm": "rpm", "rsync": "rsync", "shadow-utils": "shadow-utils",
    "sqlite-libs": "sqlite", "sudo": "sudo", "systemd": "systemd", "systemd-libs": "systemd", "tar": "tar",
    "vim-minimal": "vim", "xz-libs": "xz", "zlib": "zlib",
}
ALMA_8_BASE = {
    "bash": "bash", "expat": "expat", "glibc": "glibc", "kernel-core": "kernel", "krb5-libs": "krb5", "openssh-server": "openssh",
    "openssl-libs": "openssl", "sudo": "sudo", "systemd": "systemd", "zlib": "zlib",
}
TOMCAT = {"tomcat": "tomcat", "tomcat-lib": "tomcat"}
JAVA_EL = {"java-17-openjdk-headless": "java-17-openjdk"}
# Where a machine has another build than the newest an erratum named by the first morning.
TOMCAT_JUNE = {"tomcat": "1:9.0.117-1.el9_8", "tomcat-lib": "1:9.0.117-1.el9_8"}
TOMCAT_2025 = {"tomcat": "1:9.0.87-6.el9_7.1", "tomcat-lib": "1:9.0.87-6.el9_7.1"}
TOMCAT_EL8_2025 = {"tomcat": "1:9.0.87-1.el8_10.7", "tomcat-lib": "1:9.0.87-1.el8_10.7"}
KERNEL_JULY = {"kernel-core": "5.14.0-687.29.1.el9_8"}
KERNEL_APRIL = {"kernel-core": "5.14.0-611.49.1.el9_7"}


def alma(published: Published, service: dict[str, str], other: dict[str, str] | None = None, release: int = 9) -> tuple[Package, ...]:
    """An AlmaLinux machine with every build an erratum named by the first morning, except `other`."""
    base = ALMA_BASE if release == 9 else ALMA_8_BASE
    ecosystem = f"AlmaLinux:{release}"
    packages = []
    for name, source in {**base, **service}.items():
        version = (other or {}).get(name) or published.newest(ecosystem, name, FIRST + HOUR)
        packages.append(Package(ecosystem, name, version, source, "x86_64"))
    return tuple(sorted(packages, key=lambda p: p.name))


# Alpine images: the base of 3.21 as far as advisories name its builds (origin, version, packages).
ALPINE_321 = [
    ("busybox", "1.36.1-r30", ["busybox", "ssl_client"]),
    ("musl", "1.2.5-r9", ["musl", "musl-utils"]),
    ("openssl", "3.3.3-r0", ["libcrypto3", "libssl3"]),
]
CURL = ("curl", "8.12.0-r0", ["curl", "libcurl"])
EXPAT = ("expat", "2.6.4-r0", ["libexpat"])
NGINX = ("nginx", "1.26.2-r0", ["nginx"])
NODE = ("nodejs", "22.13.1-r0", ["nodejs"])
PYTHON = ("python3", "3.12.9-r0", ["python3"])
VALKEY = ("valkey", "7.2.8-r0", ["valkey"])
OPENSSL_JANUARY = ("openssl", "3.3.2-r2", ["libcrypto3", "libssl3"])


def alpine(*layers: tuple[str, str, list[str]]) -> tuple[Package, ...]:
    """An Alpine 3.21 image; a later layer replaces an earlier one of the same origin."""
    by_origin = {origin: (version, names) for origin, version, names in [*ALPINE_321, *layers]}
    found = [Package("Alpine:v3.21", n, version, origin, "x86_64") for origin, (version, names) in by_origin.items() for n in names]
    return tuple(sorted(found, key=lambda p: p.name))


def library(ecosystem: str, pins: dict[str, str]) -> tuple[Package, ...]:
    """The libraries of an application."""
    return tuple(Package(ecosystem, name, version, name) for name, version in sorted(pins.items()))


SHOP = {
    "ch.qos.logback:logback-core": "1.2.13",
    "com.fasterxml.jackson.core:jackson-annotations": "2.15.2",
    "com.fasterxml.jackson.core:jackson-core": "2.15.2",
    "com.fasterxml.jackson.core:jackson-databind": "2.15.2",
    "com.zaxxer:HikariCP": "5.1.0",
    "commons-codec:commons-codec": "1.15",
    "org.apache.commons:commons-lang3": "3.12.0",
    "org.apache.logging.log4j:log4j-api": "2.23.1",
    "org.apache.logging.log4j:log4j-core": "2.14.1",
    "org.jboss.logging:jboss-logging": "3.5.3.Final",
    "org.postgresql:postgresql": "42.7.4",
    "org.slf4j:slf4j-api": "1.7.36",
}
CHECKOUT = {
    "accepts": "1.3.8", "async": "3.2.4", "body-parser": "1.20.2", "cookie": "0.5.0", "cors": "2.8.5", "debug": "2.6.9",
    "express": "4.18.2", "helmet": "4.6.0", "lodash": "4.17.21", "mime-types": "2.1.35", "minimist": "1.2.8", "moment": "2.29.4",
    "ms": "2.1.2", "path-to-regexp": "0.1.7", "qs": "6.11.0", "send": "0.18.0", "serve-static": "1.15.0",
}
REPORTS = {
    "certifi": "2024.7.4", "cryptography": "44.0.1", "idna": "3.7", "jinja2": "3.1.5", "lxml": "4.9.1", "pillow": "10.3.0",
    "pyyaml": "5.4", "requests": "2.32.0", "urllib3": "2.2.2", "zipp": "3.19.1",
}
GATEWAY = {
    "github.com/golang-jwt/jwt/v5": "5.2.2", "golang.org/x/crypto": "0.52.0", "golang.org/x/net": "0.55.0",
    "golang.org/x/oauth2": "0.27.0", "golang.org/x/sys": "0.44.0", "google.golang.org/grpc": "1.79.3",
    "google.golang.org/protobuf": "1.33.0",
}


def fleet(published: Published, day: str) -> list[Machine]:
    """Every host of a morning, by name."""
    late = day == SECOND
    machines = [
        *_debian_machines(published, late),
        *_alma_machines(published, late),
        *_images(published, late),
        *_applications(late),
        Machine("print-01", "debian-9", _stretch(published)),
    ]
    return sorted(machines, key=lambda m: m.name)


def _debian_machines(published: Published, late: bool) -> list[Machine]:
    pg = (POSTGRES, "15.18-0+deb12u1")
    machines = {
        "web-01": debian(published, (APACHE, "2.4.62-1~deb12u2")),
        "web-02": debian(published, (APACHE, "2.4.62-1~deb12u2")),
        # Left behind on an Apache of April 2024: CVE-2024-38475, exploited. Its exception ends after the first day.
        "web-03": debian(published, (APACHE, "2.4.59-1~deb12u1")),
        "db-01": debian(published, pg),
        # Patched overnight.
        "db-02": debian(published, pg if late else (POSTGRES, "15.8-0+deb12u1")),
        "mail-01": debian(published, (EXIM, "4.96-15+deb12u5"), (DOVECOT, "1:2.3.19.1+dfsg1-2.1+deb12u1")),
        "vpn-01": debian(published, (STRONGSWAN, "5.9.8-5+deb12u1")),
        "git-01": debian(published, extra="git"),
        "dns-01": debian(published, (BIND, "1:9.18.33-1~deb12u2")),
        "dns-02": debian(published, (BIND, "1:9.18.33-1~deb12u2")),
        "proxy-01": debian(published, (HAPROXY, "2.6.12-1+deb12u1")),
        # Rolled back overnight to a build of January 2024.
        "cache-01": debian(published, (REDIS, "5:7.0.15-1~deb12u1" if late else "5:7.0.15-1~deb12u3")),
        # Patched overnight: the six holes of January 2025 in rsync.
        "backup-01": debian(published, (RSYNC, "3.2.7-1+deb12u2" if late else "3.2.7-1")),
    }
    if late:
        # Restored overnight from an old image: CVE-2024-42009, exploited.
        machines["webmail-02"] = debian(published, (ROUNDCUBE, "1.6.5+dfsg-1+deb12u2"))
    else:
        # Its job is done; gone on the second morning.
        machines["ci-02"] = debian(published, (JAVA, "17.0.13+11-2~deb12u1"))
    return [Machine(name, "debian", packages) for name, packages in machines.items()]


def _alma_machines(published: Published, late: bool) -> list[Machine]:
    tomcat = {**TOMCAT, **JAVA_EL}
    machines = {
        "app-01": alma(published, tomcat, TOMCAT_JUNE),
        # Patched overnight, before the listing asked for it.
        "app-02": alma(published, tomcat, None if late else TOMCAT_JUNE),
        "app-03": alma(published, tomcat, TOMCAT_2025),
        "app-04": alma(published, tomcat),
        "lb-01": alma(published, {"haproxy": "haproxy", "keepalived": "keepalived"}),
        "lb-02": alma(published, {"haproxy": "haproxy", "keepalived": "keepalived"}, KERNEL_JULY),
        "erp-db-01": alma(published, {"mariadb-server": "mariadb", "perl-DBI": "perl-DBI"}, {"perl-DBI": "1.643-9.el9_8.1"}),
        "file-01": alma(published, {"samba": "samba"}),
        "build-01": alma(published, {"git-core": "git", "podman": "podman"}),
        # A kernel of April: CVE-2026-31431, exploited.
        "build-02": alma(published, {"git-core": "git", "podman": "podman"}, KERNEL_APRIL),
        "metrics-01": alma(published, {"grafana": "grafana"}),
        "session-01": alma(published, {"valkey": "valkey"}),
    }
    shaped = [Machine(name, "alma-9", packages) for name, packages in machines.items()]
    return [*shaped, Machine("legacy-app-01", "alma-8", alma(published, TOMCAT, TOMCAT_EL8_2025, release=8))]


def _images(published: Published, late: bool) -> list[Machine]:
    newer = {"busybox": "1.36.1-r7", "musl": "1.2.4-r3", "openssl": "3.1.7-r1"}
    old = tuple(Package("Alpine:v3.18", n, newer.get(o, v), o, "x86_64") for n, v, o in published.alpine_318)
    images = {
        "img-api": alpine(PYTHON, EXPAT),
        "img-edge": alpine(NGINX),
        # Rebuilt overnight on the newer OpenSSL.
        "img-front": alpine(NODE) if late else alpine(NODE, OPENSSL_JANUARY),
        "img-health": alpine(CURL),
        "img-jobs": alpine(PYTHON, EXPAT, OPENSSL_JANUARY),
        "img-queue": alpine(VALKEY),
    }
    shaped = [Machine(name, "alpine-3.21", packages) for name, packages in images.items()]
    return [*shaped, Machine("img-cron", "alpine-3.18", old)]


def _applications(late: bool) -> list[Machine]:
    machines = [
        Machine("checkout", "npm", library("npm", {**CHECKOUT, **({"body-parser": "1.20.3"} if late else {})})),
        Machine("reports", "poetry", library("PyPI", REPORTS)),
        Machine("gateway", "go", library("Go", GATEWAY)),
    ]
    if late:
        # Its team hands in a bill of materials for the first time: Log4j 2.14.1, exploited since 2021.
        machines.append(Machine("shop", "maven", library("Maven", SHOP)))
    return machines


def _stretch(published: Published) -> tuple[Package, ...]:
    keep = {"base-files", "bash", "coreutils", "dpkg", "libc6", "libssl1.1", "openssl", "perl-base", "tar", "zlib1g"}
    return tuple(Package("Debian:9", n, v, s, "amd64") for n, v, s in published.stretch if n in keep)
