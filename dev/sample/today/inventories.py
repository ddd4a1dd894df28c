"""A machine as the file or directory it would send: dpkg's status, apk's database, a CycloneDX document, a lockfile."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

from .fleet import Machine, Package

OS_RELEASE = {
    "debian": ('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"', "ID=debian", 'VERSION_ID="12"', "VERSION_CODENAME=bookworm"),
    "debian-9": ('PRETTY_NAME="Debian GNU/Linux 9 (stretch)"', "ID=debian", 'VERSION_ID="9"', "VERSION_CODENAME=stretch"),
    "alpine-3.21": ('PRETTY_NAME="Alpine Linux v3.21"', "ID=alpine", "VERSION_ID=3.21.2"),
    "alpine-3.18": ('PRETTY_NAME="Alpine Linux v3.18"', "ID=alpine", "VERSION_ID=3.18.0"),
}
ALMA_DISTRO = {"alma-8": "8.10", "alma-9": "9.8"}


def write(machine: Machine, hosts: Path) -> None:
    """Writes the machine's inventory below `hosts`."""
    shape = machine.shape
    if shape in OS_RELEASE:
        directory = hosts / machine.name
        _put(directory / "etc/os-release", "\n".join(OS_RELEASE[shape]) + "\n")
        if shape.startswith("debian"):
            _put(directory / "var/lib/dpkg/status", _dpkg(machine.packages))
        else:
            _put(directory / "lib/apk/db/installed", _apk(machine.packages))
    elif shape in ALMA_DISTRO:
        _put(hosts / f"{machine.name}.cdx.json", _rpm_bom(machine))
    elif shape == "maven":
        _put(hosts / f"{machine.name}.cdx.json", _maven_bom(machine))
    elif shape == "npm":
        _put(hosts / machine.name / "package-lock.json", _package_lock(machine))
    elif shape == "poetry":
        _put(hosts / machine.name / "poetry.lock", _poetry(machine.packages))
    elif shape == "go":
        _put(hosts / machine.name / "go.mod", _go_mod(machine))
    else:
        raise ValueError(f"{machine.name}: no inventory of shape {shape}")


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _dpkg(packages: tuple[Package, ...]) -> str:
    paragraphs = []
    for package in packages:
        lines = [f"Package: {package.name}", "Status: install ok installed", f"Architecture: {package.architecture}"]
        if package.source != package.name:
            lines.append(f"Source: {package.source}")
        paragraphs.append("\n".join([*lines, f"Version: {package.version}"]) + "\n")
    return "\n".join(paragraphs)


def _apk(packages: tuple[Package, ...]) -> str:
    return "".join(f"P:{p.name}\nV:{p.version}\nA:{p.architecture}\no:{p.source}\n\n" for p in packages)


def _rpm_bom(machine: Machine) -> str:
    return _bom(machine, [_component(p.name, p.version, _rpm_purl(p, ALMA_DISTRO[machine.shape])) for p in machine.packages])


def _rpm_purl(package: Package, distro: str) -> str:
    epoch, colon, version = package.version.partition(":")
    if not colon:
        epoch, version = "", package.version
    source = f"{package.source}-{version}.src.rpm"
    qualifiers = {"arch": package.architecture, "distro": f"almalinux-{distro}", "epoch": epoch, "upstream": source}
    text = "&".join(f"{key}={quote(value, safe=':/.-_~')}" for key, value in sorted(qualifiers.items()) if value)
    return f"pkg:rpm/almalinux/{package.name}@{quote(version, safe='.-_~')}?{text}"


def _maven_bom(machine: Machine) -> str:
    components = []
    for package in machine.packages:
        group, artifact = package.name.split(":")
        purl = f"pkg:maven/{group}/{artifact}@{package.version}?type=jar"
        components.append({"group": group, **_component(artifact, package.version, purl)})
    return _bom(machine, components)


def _component(name: str, version: str, purl: str) -> dict:
    return {"type": "library", "name": name, "version": version, "purl": purl}


def _bom(machine: Machine, components: list[dict]) -> str:
    kind = "application" if machine.shape == "maven" else "device"
    metadata = {"component": {"type": kind, "name": machine.name}}
    head = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": metadata}
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in components)
    return json.dumps(head, separators=(",", ":"))[:-1] + ',"components":[\n' + lines + "\n]}\n"


def _package_lock(machine: Machine) -> str:
    name = {"name": machine.name, "version": "1.0.0"}
    root = {**name, "dependencies": {p.name: p.version for p in machine.packages}}
    packages = {"": root, **{f"node_modules/{p.name}": {"version": p.version} for p in machine.packages}}
    lock = {**name, "lockfileVersion": 3, "requires": True, "packages": packages}
    return json.dumps(lock, indent=1) + "\n"


def _poetry(packages: tuple[Package, ...]) -> str:
    needs = 'python-versions = ">=3.9"\n'
    entries = [f'[[package]]\nname = "{p.name}"\nversion = "{p.version}"\noptional = false\n{needs}files = []\n' for p in packages]
    return "\n".join([*entries, f'[metadata]\nlock-version = "2.0"\n{needs}'])


def _go_mod(machine: Machine) -> str:
    requirements = "".join(f"\t{p.name} v{p.version}\n" for p in machine.packages)
    return f"module example.com/{machine.name}\n\ngo 1.24\n\nrequire (\n{requirements})\n"
