"""The hosts the labels are about: packages chosen by hand, in the formats the systems themselves write.

Versions are real. The packages of `debian-12` are cut from the database of a build container and set back to the versions of early
2025, since the records are of then; `alpine-3.18` and `alpine-3.16` are cut from databases of images, `rhel-8` and `rhel-9` from
Red Hat's own lists of its ubi8 and ubi9 images. The others have versions that an advisory of that very release names, which were
therefore published.
"""

import dataclasses
import json
import urllib.parse


@dataclasses.dataclass
class Package:
    name: str
    version: str
    source: str = ""
    source_version: str = ""
    module: str = ""

    @property
    def from_source(self):
        return self.source or self.name, self.source_version or self.version


@dataclasses.dataclass
class Host:
    name: str
    ecosystem: str
    release: str
    packages: list
    files: dict = dataclasses.field(default_factory=dict)
    running: str = ""


def os_release(id, version):
    return f'ID={id}\nVERSION_ID="{version}"\n'


def dpkg(host, version):
    stanzas = []
    for p in host.packages:
        source = ""
        if p.source:
            source = f"Source: {p.source}" + (f" ({p.source_version})" if p.source_version else "") + "\n"
        stanzas.append(
            f"Package: {p.name}\nStatus: install ok installed\nArchitecture: amd64\n{source}Version: {p.version}\n"
        )
    files = {"etc/os-release": os_release("debian", version), "var/lib/dpkg/status": "\n".join(stanzas)}
    if host.running:
        files["uname-r.txt"] = host.running + "\n"
    return files


def apk(host, version):
    stanzas = []
    for p in host.packages:
        stanzas.append(f"P:{p.name}\nV:{p.version}\nA:x86_64\no:{p.source or p.name}\n")
    return {"etc/os-release": os_release("alpine", version), "lib/apk/db/installed": "\n".join(stanzas)}


def rpm(host, namespace, distro):
    """A CycloneDX document as syft and trivy write it for an rpm database: epoch, source rpm and module label in the URL."""
    components = []
    for p in host.packages:
        epoch, _, plain = p.version.rpartition(":")
        name, version = p.from_source
        source = f"{name}-{version.rpartition(':')[2]}.src.rpm"
        qualifiers = {"arch": "x86_64", "distro": distro}
        if epoch not in ("", "0"):
            qualifiers["epoch"] = epoch
        if p.module:
            qualifiers["rpmmod"] = p.module
        qualifiers["upstream"] = source
        text = "&".join(f"{k}={urllib.parse.quote(v, safe=':')}" for k, v in sorted(qualifiers.items()))
        purl = f"pkg:rpm/{namespace}/{urllib.parse.quote(p.name)}@{urllib.parse.quote(plain)}?{text}"
        components.append({"type": "library", "name": p.name, "version": plain, "purl": purl})
    return document(components, host, None)


def document(components, host, _):
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}
    files = {"bom.cdx.json": json.dumps(bom, indent=1) + "\n"}
    if host.running:
        files["uname-r.txt"] = host.running + "\n"
    return files


def D(text):
    """Lines `name version [source [source-version]]`."""
    return [Package(*line.split()) for line in text.strip().splitlines()]


DEBIAN_12 = D("""
bash 5.2.15-2+b8 bash 5.2.15-2
bsdutils 1:2.38.1-5+deb12u3 util-linux 2.38.1-5+deb12u3
dmsetup 2:1.02.185-2 lvm2 2.03.16-2
coreutils 9.1-1
curl 7.88.1-10+deb12u8
git 1:2.39.5-0+deb12u1
libbrotli1 1.0.9-2+b6 brotli 1.0.9-2
libc6 2.36-9+deb12u9 glibc
libexpat1 2.5.0-1+deb12u1 expat
libgcc-s1 12.2.0-14 gcc-12
libheif1 1.15.1-1+deb12u1 libheif
librtmp1 2.4+20151223.gitfa8646d.1-2+b2 rtmpdump 2.4+20151223.gitfa8646d.1-2
libsqlite3-0 3.40.1-2+deb12u1 sqlite3
libssl3 3.0.15-1~deb12u1 openssl
libtiff6 4.5.0-6+deb12u2 tiff
libxml2 2.9.14+dfsg-1.3~deb12u1
linux-libc-dev 6.1.124-1 linux
osslsigncode 2.9-1~bpo12+1
perl-base 5.36.0-7+deb12u1 perl
postgresql 15+248+deb12u1 postgresql-common 248+deb12u1
python3 3.11.2-1+b1 python3-defaults 3.11.2-1
python3.11 3.11.2-6+deb12u5
qemu-utils 1:7.2+dfsg-7+deb12u12 qemu
git-lfs 3.3.0-1+b4 git-lfs 3.3.0-1
zlib1g 1:1.2.13.dfsg-1 zlib
""")

DEBIAN_11 = D("""
apache2 2.4.54-1~deb11u1
bash 5.1-2+b3 bash 5.1-2
bind9-libs 1:9.16.37-1~deb11u1 bind9
curl 7.74.0-1.3+deb11u7
git 1:2.30.2-1+deb11u2
libc6 2.31-13+deb11u5 glibc
libexpat1 2.2.10-2+deb11u5 expat
liblzma5 5.2.5-2.1~deb11u1 xz-utils
libssl1.1 1.1.1n-0+deb11u4 openssl
libxml2 2.9.10+dfsg-6.7+deb11u3
linux-image-5.10.0-20-amd64 5.10.158-2 linux-signed-amd64 5.10.158+2
linux-image-5.10.0-28-amd64 5.10.209-2 linux-signed-amd64 5.10.209+2
linux-headers-5.10.0-28-amd64 5.10.209-2 linux
nginx 1.18.0-6.1+deb11u3
openssh-server 1:8.4p1-5+deb11u1 openssh
perl-base 5.32.1-4+deb11u2 perl
sudo 1.9.5p2-3+deb11u1
tar 1.34+dfsg-1
gpac 1.0.1+dfsg1-4+deb11u3
pdns-recursor 4.4.2-3
zlib1g 1:1.2.11.dfsg-2+deb11u2 zlib
""")

# Built from testing, which became 13.
DEBIAN_12_BACKPORTS = D("""
7zip 24.08+dfsg-1~bpo12+1
curl 8.7.1-5~bpo12+1
dovecot-core 1:2.3.21+dfsg1-3~bpo12+1 dovecot
freeradius 3.2.6+dfsg-2~bpo12+1
glusterfs-client 11.1-3~bpo12+1 glusterfs
linux-image-6.9.7+bpo-amd64 6.9.7-1~bpo12+1 linux-signed-amd64 6.9.7+1~bpo12+1
""")

ALPINE_318 = D("""
apk-tools 2.14.0-r0
busybox 1.36.0-r9
busybox-binsh 1.36.0-r9 busybox
libcrypto3 3.1.0-r4 openssl
libssl3 3.1.0-r4 openssl
musl 1.2.4-r0
ssl_client 1.36.0-r9 busybox
zlib 1.2.13-r1
apache2 2.4.57-r0
curl 8.1.2-r0
libcurl 8.1.2-r0 curl
libexpat 2.5.0-r1 expat
git 2.40.1-r0
openssh-server 9.3_p2-r1 openssh
sqlite-libs 3.41.2-r2 sqlite
nginx 1.24.0-r7
nodejs 18.17.1-r0
""")

ALPINE_316 = D("""
apk-tools 2.12.9-r3
busybox 1.35.0-r17
libcrypto1.1 1.1.1q-r0 openssl
libssl1.1 1.1.1q-r0 openssl
musl 1.2.3-r0
ssl_client 1.35.0-r17 busybox
zlib 1.2.12-r3
curl 7.83.1-r4
libxml2 2.9.14-r1
git 2.36.5-r0
nginx 1.22.1-r1
apache2 2.4.54-r0
""")

ALPINE_320 = D("""
busybox 1.36.1-r27
ssl_client 1.36.1-r27 busybox
libcrypto3 3.3.1-r0 openssl
musl 1.2.5-r0
curl 8.9.0-r0
libxml2 2.12.7-r0
git 2.45.2-r0
openssh-server 9.7_p1-r4 openssh
python3 3.12.8-r1
nodejs 20.15.1-r0
""")

# Versions named by errata of AlmaLinux itself.
ALMA_8 = D("""
openssl-libs 1:1.1.1k-9.el8_7 openssl
kernel-core 4.18.0-553.27.1.el8_10 kernel
kernel-core 4.18.0-553.75.1.el8_10 kernel
nodejs 1:18.16.1-1.module_el8.8.0+3595+0818e803 nodejs 1:18.16.1-1.module_el8.8.0+3595+0818e803 nodejs:18
npm 1:9.5.1-1.18.16.1.1.module_el8.8.0+3595+0818e803 nodejs 18.16.1-1.module_el8.8.0+3595+0818e803 nodejs:18
postgresql-server 13.11-1.module_el8.8.0+3601+ca64e769 postgresql 13.11-1.module_el8.8.0+3601+ca64e769 postgresql:13
ruby-libs 2.7.8-139.module_el8.8.0+3578+2b4b06da ruby 2.7.8-139.module_el8.8.0+3578+2b4b06da ruby:2.7
perl-libs 4:5.26.3-421.el8 perl
bind-libs 32:9.11.36-8.el8 bind
libcurl 7.61.1-30.el8 curl
sudo 1.8.29-8.el8_7.1
glibc 2.28-236.el8_9.13
grub2-common 1:2.02-142.el8_7.1.alma grub2
expat 2.2.5-11.el8_9.1
vim-minimal 2:8.0.1763-19.el8_6.4 vim
polkit 0.115-13.el8_5.2
""")

ALMA_9 = D("""
openssl-libs 1:3.0.7-6.el9_2 openssl
kernel-core 5.14.0-503.14.1.el9_5 kernel
nodejs 1:16.20.2-8.el9_4
npm 1:8.19.4-1.16.20.2.4.el9_3 nodejs 16.20.2-4.el9_3
postgresql-server 15.6-1.module_el9.3.0+55+d62f4779 postgresql 15.6-1.module_el9.3.0+55+d62f4779 postgresql:15
httpd 2.4.57-5.el9
bind-libs 32:9.16.23-18.el9_4.1 bind
libcurl 7.76.1-26.el9_3.2 curl
sudo 1.9.5p2-10.el9_3
glibc 2.34-125.el9_5.8.alma.1
expat 2.5.0-3.el9_5.3
git-core 2.43.5-1.el9_4 git
podman 4:4.9.4-3.el9_4
""")

ROCKY_8 = D("""
openssl-libs 1:1.1.1k-7.el8_6 openssl 1.1.1k-7.el8_6
kernel-core 4.18.0-553.32.1.el8_10 kernel
nodejs 1:16.18.1-3.module+el8.7.0+1108+49363b0d nodejs 1:16.18.1-3.module+el8.7.0+1108+49363b0d nodejs:16
npm 1:8.19.2-1.16.18.1.3.module+el8.7.0+1108+49363b0d nodejs 16.18.1-3.module+el8.7.0+1108+49363b0d nodejs:16
postgresql-server 12.17-1.module+el8.9.0+1603+444d1b54 postgresql 12.17-1.module+el8.9.0+1603+444d1b54 postgresql:12
php-cli 7.4.30-1.module+el8.7.0+1067+0a7071cc php 7.4.30-1.module+el8.7.0+1067+0a7071cc php:7.4
libcurl 7.61.1-25.el8_7.3 curl
sudo 1.8.29-7.el8
glibc-common 2.28-225.el8_8.6 glibc
expat 2.2.5-8.el8_6.2
vim-minimal 2:8.0.1763-16.el8_5.12 vim 8.0.1763-16.el8_5.12
libxml2 2.9.7-15.el8
platform-python 3.6.8-51.el8_8.1.rocky.0 python3
systemd-libs 239-58.el8_6.4 systemd
gnutls 3.6.16-6.el8_7
grub2-common 1:2.02-123.el8_6.8 grub2 2.02-123.el8_6.8
""")

ROCKY_9 = D("""
openssl-libs 1:3.0.1-47.el9_1 openssl 3.0.1-47.el9_1
kernel-core 5.14.0-427.28.1.el9_4 kernel
nodejs 1:18.17.1-1.module+el9.2.0+15122+13461abb nodejs 1:18.17.1-1.module+el9.2.0+15122+13461abb nodejs:18
httpd 2.4.57-8.el9
mod_ssl 1:2.4.57-8.el9 httpd 2.4.57-8.el9
libcurl 7.76.1-19.el9_1.1 curl
sudo 1.9.5p2-7.el9_1.1
expat 2.4.9-1.el9_1.1
python3-libs 3.9.16-1.el9_2.1 python3.9
libxml2 2.9.13-3.el9_1
systemd-libs 250-12.el9_1.3 systemd
gnutls 3.7.6-18.el9_1
podman 4:4.9.4-4.el9_4
""")

# Red Hat's own lists of ubi8-8.8-1067 and ubi9-9.3-782. They name no epoch; that of openssl is 1.
RHEL_8 = D("""
libcurl 7.61.1-30.el8_8.3 curl
openssl-libs 1.1.1k-9.el8_7 openssl
libxml2 2.9.7-16.el8_8.1
systemd-libs 239-74.el8_8.5 systemd
gnutls 3.6.16-6.el8_7
glibc 2.28-225.el8
sqlite-libs 3.26.0-18.el8_8 sqlite
vim-minimal 8.0.1763-19.el8_6.4 vim
expat 2.2.5-11.el8
krb5-libs 1.18.2-25.el8_8 krb5
libssh 0.9.6-10.el8_8
platform-python 3.6.8-51.el8_8.1 python3
libarchive 3.3.3-5.el8
""")

RHEL_9 = D("""
openssl-libs 3.0.7-24.el9 openssl
python3-libs 3.9.17-1.el9 python3.9
libcurl-minimal 7.76.1-26.el9 curl
krb5-libs 1.20.1-9.el9_2 krb5
gnutls 3.7.6-20.el9_2
expat 2.5.0-1.el9
libxml2 2.9.13-4.el9
vim-minimal 8.2.2637-20.el9_1 vim
pam 1.5.1-15.el9
glibc 2.34-72.el9
sqlite-libs 3.34.1-6.el9_1 sqlite
libnghttp2 1.43.0-5.el9 nghttp2
""")

RHEL_8_MODULES = D("""
nodejs 1:18.12.1-2.module+el8.7.0+17306+fc023f99 nodejs 1:18.12.1-2.module+el8.7.0+17306+fc023f99 nodejs:18
postgresql-server 13.11-1.module+el8.8.0+19139+17ab3f2e postgresql 13.11-1.module+el8.8.0+19139+17ab3f2e postgresql:13
ruby-libs 2.5.9-110.module+el8.6.0+15956+aa803fc1 ruby 2.5.9-110.module+el8.6.0+15956+aa803fc1 ruby:2.5
perl-libs 4:5.26.3-421.el8 perl
""")

LANGUAGES = {
    "npm": D("""
lodash 4.17.15
@babel/traverse 7.22.5
undici 5.26.2
JSONStream 1.3.5
vite 4.5.1
ip 2.0.0
follow-redirects 1.15.3
qs 6.5.2
minimist 1.2.0
node-forge 1.0.0
semver 7.5.1
next 14.1.1-canary.0
axios 1.7.3
tar 6.1.5
jsonwebtoken 8.5.1
express 4.17.3
ws 8.17.1
braces 3.0.3
word-wrap 1.2.3
"""),
    "PyPI": D("""
django 3.2.15
flask 2.2.2
certifi 2023.7.22.post1
paramiko 3.3.1
twisted 22.10.0rc1
sqlparse 0.4.4.dev0
jinja2 3.1.2
pillow 9.3.0
cryptography 41.0.3
requests 2.31.0
urllib3 2.0.7
werkzeug 2.2.3
tornado 6.4.1
setuptools 65.5.1
pyyaml 5.4
aiohttp 3.8.5
"""),
    "Maven": D("""
org.apache.logging.log4j:log4j-core 2.15.0
org.apache.logging.log4j:log4j-core 2.17.1
com.fasterxml.jackson.core:jackson-databind 2.9.10.7
com.fasterxml.jackson.core:jackson-databind 2.12.6.1
org.springframework:spring-web 5.3.32
org.yaml:snakeyaml 1.33
org.hibernate:hibernate-core 5.4.24.Final
io.netty:netty-codec-http 4.1.107.Final
com.google.guava:guava 31.1-jre
com.google.guava:guava 32.0.1-android
org.apache.tomcat.embed:tomcat-embed-core 9.0.80
org.apache.struts:struts2-core 2.5.32
"""),
    "Go": D("""
golang.org/x/crypto 0.16.0
golang.org/x/net 0.0.0-20220722155237-a158d28d115b
golang.org/x/text 0.3.7
github.com/gin-gonic/gin 1.9.0
github.com/golang-jwt/jwt/v4 4.5.1
github.com/docker/docker 24.0.7+incompatible
github.com/containerd/containerd 1.6.26
github.com/gogo/protobuf 1.3.1
gopkg.in/yaml.v3 3.0.0-20200313102051-9f266ea9e77c
golang.org/x/sys 0.0.0-20210630005230-0f9fa26af87c
stdlib 1.21.4
"""),
    "crates.io": D("""
time 0.1.43
time 0.2.23
openssl 0.10.54
rustls 0.21.10
tokio 1.18.5
smallvec 1.6.0
hyper 0.14.9
chrono 0.4.19
ansi_term 0.12.1
regex 1.5.4
h2 0.3.24
"""),
}


def every():
    hosts = []

    def distribution(name, ecosystem, release, packages, write, running=""):
        host = Host(name, ecosystem, release, packages, running=running)
        host.files = write(host)
        hosts.append(host)

    distribution("debian-12", "Debian", "12", DEBIAN_12, lambda h: dpkg(h, "12"))
    distribution("debian-11", "Debian", "11", DEBIAN_11, lambda h: dpkg(h, "11"), "5.10.0-28-amd64")
    backports = lambda h: dpkg(h, "12")
    distribution("debian-12-backports", "Debian", "13", DEBIAN_12_BACKPORTS, backports)
    distribution("alpine-3.16", "Alpine", "v3.16", ALPINE_316, lambda h: apk(h, "3.16.2"))
    distribution("alpine-3.18", "Alpine", "v3.18", ALPINE_318, lambda h: apk(h, "3.18.0"))
    distribution("alpine-3.20", "Alpine", "v3.20", ALPINE_320, lambda h: apk(h, "3.20.1"))
    distribution(
        "almalinux-8", "AlmaLinux", "8", ALMA_8, lambda h: rpm(h, "almalinux", "almalinux-8.10"), "4.18.0-553.75.1.el8_10.x86_64"
    )
    distribution("almalinux-9", "AlmaLinux", "9", ALMA_9, lambda h: rpm(h, "almalinux", "almalinux-9.5"))
    distribution("rocky-8", "Rocky Linux", "8", ROCKY_8, lambda h: rpm(h, "rocky", "rocky-8.9"))
    distribution("rocky-9", "Rocky Linux", "9", ROCKY_9, lambda h: rpm(h, "rocky", "rocky-9.4"))
    distribution("rhel-8", "Red Hat", "enterprise_linux:8", RHEL_8, lambda h: rpm(h, "redhat", "rhel-8.8"))
    distribution("rhel-9", "Red Hat", "enterprise_linux:9", RHEL_9, lambda h: rpm(h, "redhat", "rhel-9.3"))
    distribution("rhel-8-modules", "Red Hat", "enterprise_linux:8", RHEL_8_MODULES, lambda h: rpm(h, "redhat", "rhel-8.8"))
    for ecosystem, packages in LANGUAGES.items():
        host = Host("app-" + ecosystem.lower().replace(".", "-"), ecosystem, "", packages)
        host.files = lockfile(host)
        hosts.append(host)
    return hosts


def lockfile(host):
    """The ecosystem's own lock, where it holds what is labelled; a CycloneDX document where the lock would be the build itself."""
    packages = host.packages
    if host.ecosystem == "npm":
        entries = {"": {"name": "app", "version": "1.0.0"}}
        entries |= {f"node_modules/{p.name}": {"version": p.version} for p in packages}
        lock = {"name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": entries}
        return {"package-lock.json": json.dumps(lock, indent=1) + "\n"}
    if host.ecosystem == "PyPI":
        return {"requirements.txt": "".join(f"{p.name}=={p.version}\n" for p in packages)}
    if host.ecosystem == "Maven":
        lines = [f"{p.name}:{p.version}=runtimeClasspath\n" for p in packages]
        return {"gradle.lockfile": "# This is a Gradle generated file for dependency locking.\n" + "".join(lines) + "empty=\n"}
    if host.ecosystem == "Go":
        stdlib = next(p.version for p in packages if p.name == "stdlib")
        lines = [f"\t{p.name} v{p.version}\n" for p in packages if p.name != "stdlib"]
        return {"go.mod": f"module example.test/app\n\ngo {stdlib}\n\nrequire (\n{''.join(lines)})\n"}
    source = "registry+https://github.com/rust-lang/crates.io-index"
    entry = '[[package]]\nname = "{}"\nversion = "{}"\nsource = "' + source + '"\n'
    return {"Cargo.lock": "version = 3\n\n" + "\n".join(entry.format(p.name, p.version) for p in packages)}
