//! What a Go program says of how it was built: the blob that `go version -m` prints.
//!
//! Written by the linker since Go 1.13 (<https://pkg.go.dev/debug/buildinfo>, source `src/debug/buildinfo/buildinfo.go`); the text
//! in it is that of <https://pkg.go.dev/runtime/debug#BuildInfo>. Until Go 1.17 it holds pointers to two strings, since then
//! the strings themselves.

use std::io::Cursor;

use base::{Limit, Note, Parsed};

use super::executable::{self, Executable, Numbers};
use super::notes::Notes;
use super::{Format, Input, Listing, ReadSeek, installed, text};
use crate::HostKind;

/// The most modules taken from one program; Kubernetes has 250.
const MODULES: Limit = Limit::new("go-modules", 50_000);

const MAGIC: &[u8] = b"\xff Go buildinf:";
/// Where the strings, or the pointers to them, begin.
const HEADER_BYTES: usize = 32;
/// The blob is aligned to this many bytes.
const ALIGNMENT: usize = 16;
/// How much of the data is searched where it has no section of its own. The linker puts it first.
const SEARCHED_BYTES: u64 = 1 << 20;
/// The longest string behind a pointer.
const STRING_BYTES_MAX: u64 = 4 << 20;

/// Programs built by Go.
pub struct GoBinary;

impl Format for GoBinary {
    fn id(&self) -> &'static str {
        "go-binary"
    }

    fn about(&self) -> &'static str {
        "modules and standard library of a program built by Go (ELF, PE, Mach-O)"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        executable::wants(path)
    }

    fn reads_in_place(&self) -> bool {
        true
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        self.parse_in_place(input.path, &mut Cursor::new(input.bytes))
            .is_some()
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        self.parse_in_place(input.path, &mut Cursor::new(input.bytes))
            .unwrap_or_else(|| Parsed {
                value: Listing::default(),
                notes: vec![Note::error("not a program built by Go")],
            })
    }

    fn parse_in_place(&self, path: &str, file: &mut dyn ReadSeek) -> Option<Parsed<Listing>> {
        let mut program = Executable::open(file)?;
        let Some(info) = build_info(&mut program) else {
            return program.is_packed().then(packed);
        };
        Some(listing(path, &info))
    }
}

/// A packed program may be of any language; that nothing is known of it must be said once.
fn packed() -> Parsed<Listing> {
    Parsed {
        value: Listing::default(),
        notes: vec![Note::warning(
            "packed with UPX: what it was built from cannot be read",
        )],
    }
}

/// The two strings.
struct BuildInfo {
    /// `go1.21.5`, with experiments behind a space.
    version: String,
    /// Lines of `path`, `mod`, `dep`, `=>` and `build`; empty if the program was built without modules.
    modules: String,
    /// The end of the lines is missing.
    is_cut: bool,
}

fn build_info(program: &mut Executable<'_>) -> Option<BuildInfo> {
    let named = [b".go.buildinfo".as_slice(), b"__go_buildinfo"]
        .into_iter()
        .find(|name| program.has(name));
    let data = match named {
        Some(name) => program.section(name)?,
        None if program.is_to_be_searched() => {
            let (address, data) = program.data(SEARCHED_BYTES)?;
            let at = find(&data)?;
            program.at_address(address + at as u64, STRING_BYTES_MAX)?
        }
        None => return None,
    };
    let blob = &data[find(&data)?..];
    let flags = *blob.get(15)?;
    if flags & 2 != 0 {
        let (version, rest) = counted(blob.get(HEADER_BYTES..)?)?;
        let modules = counted(rest).map_or_else(Vec::new, |(modules, _)| modules.to_vec());
        return Some(of_strings(version, &modules));
    }
    let numbers = Numbers {
        is_wide: *blob.get(14)? == 8,
        is_big: flags & 1 != 0,
    };
    let width = if numbers.is_wide { 8 } else { 4 };
    let version = pointed_at(program, numbers, numbers.read(blob, 16, width)?)?;
    let modules = pointed_at(program, numbers, numbers.read(blob, 16 + width, width)?);
    Some(of_strings(&version, &modules.unwrap_or_default()))
}

fn find(data: &[u8]) -> Option<usize> {
    (0..data.len())
        .step_by(ALIGNMENT)
        .find(|&at| data[at..].starts_with(MAGIC))
}

/// A string after its length as a varint, as far as it is there.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut len = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        len |= u64::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            let rest = &bytes[index + 1..];
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            return Some(rest.split_at(len.min(rest.len())));
        }
    }
    None
}

/// A Go string in memory is a pointer and a length.
fn pointed_at(program: &mut Executable<'_>, numbers: Numbers, address: u64) -> Option<Vec<u8>> {
    let width = if numbers.is_wide { 8 } else { 4 };
    let string = program.at_address(address, 2 * width as u64)?;
    let (at, len) = (
        numbers.read(&string, 0, width)?,
        numbers.read(&string, width, width)?,
    );
    program.at_address(at, len.min(STRING_BYTES_MAX))
}

/// The modules stand between two marks of 16 bytes, which debuggers look for.
fn of_strings(version: &[u8], modules: &[u8]) -> BuildInfo {
    const MARK: usize = 16;
    let (inner, is_cut): (&[u8], bool) = match modules.len() {
        len if len > 2 * MARK && modules[len - MARK - 1] == b'\n' => {
            (&modules[MARK..len - MARK], false)
        }
        // It begins as it should.
        len if len > MARK && modules[MARK..].starts_with(b"path\t") => {
            let whole_lines = modules.iter().rposition(|&b| b == b'\n').unwrap_or(MARK);
            (&modules[MARK..whole_lines.max(MARK)], true)
        }
        len => (&[], len > 0),
    };
    BuildInfo {
        version: String::from_utf8_lossy(version).into_owned(),
        modules: String::from_utf8_lossy(inner).into_owned(),
        is_cut,
    }
}

/// A module as one line names it.
struct Module<'a> {
    path: &'a str,
    version: &'a str,
    is_main: bool,
}

fn listing(path: &str, info: &BuildInfo) -> Parsed<Listing> {
    let mut notes = Notes::default();
    let mut modules: Vec<Module<'_>> = Vec::new();
    let mut revision = None;
    for line in info.modules.lines() {
        let mut fields = line.split('\t');
        let (kind, first) = (fields.next().unwrap_or_default(), fields.next());
        let (Some(first), second) = (first, fields.next().unwrap_or_default()) else {
            continue;
        };
        match kind {
            "mod" | "dep" if MODULES.is_exceeded_by(modules.len() as u64 + 1) => {
                notes.push(Note::warning("more modules were left out").because_of(MODULES));
                break;
            }
            "mod" | "dep" => modules.push(Module {
                path: first,
                version: second,
                is_main: kind == "mod",
            }),
            // What was built in the place of the module of the line before.
            "=>" => {
                if let Some(replaced) = modules.last_mut() {
                    (replaced.path, replaced.version) = (first, second);
                }
            }
            "build" => revision = revision.or_else(|| first.strip_prefix("vcs.revision=")),
            _ => {}
        }
    }
    let mut listing = Listing::default();
    for module in &modules {
        take(path, module, revision, &mut listing, &mut notes);
    }
    take_toolchain(path, &info.version, &mut listing, &mut notes);
    if info.is_cut {
        notes.push(Note::warning("the list of modules is cut off"));
    } else if info.modules.is_empty() {
        notes.push(Note::info(
            "built without modules: only the standard library is known",
        ));
    }
    Parsed {
        value: listing,
        notes: notes.into_vec(),
    }
}

fn take(
    path: &str,
    module: &Module<'_>,
    revision: Option<&str>,
    listing: &mut Listing,
    notes: &mut Notes,
) {
    let version = module.version;
    let is_version = version
        .strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    // A directory in a module's place is the builder's own code.
    let is_directory = module.path.starts_with(['.', '/', '\\']);
    if !is_version && (!module.is_main || is_directory) {
        return;
    }
    if !is_version {
        let from = revision.map_or(String::new(), |r| {
            format!(" (revision {})", text::excerpt(r))
        });
        let name = text::excerpt(module.path);
        notes.push(Note::info(format!(
            "the program's own module has no version: {name}{from}"
        )));
        return;
    }
    let (namespace, name) = match module.path.rsplit_once('/') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, module.path),
    };
    match installed::package("golang", namespace, name, version, path) {
        Some(package) => listing.packages.push(package),
        None => notes.push(installed::unclear(module.path, version)),
    }
}

/// `go1.21.5 X:boringcrypto` is the standard library 1.21.5; `devel go1.23-abc` is no release.
fn take_toolchain(path: &str, version: &str, listing: &mut Listing, notes: &mut Notes) {
    let release = version
        .split_whitespace()
        .next()
        .and_then(|word| word.strip_prefix("go"))
        .filter(|release| release.starts_with(|c: char| c.is_ascii_digit()))
        // `1.20.12-custom` is built from 1.20.12.
        .and_then(|release| release.split(['-', '+']).next());
    match release.and_then(|release| installed::package("golang", None, "stdlib", release, path)) {
        Some(package) => listing.packages.push(package),
        None => notes.push(Note::warning(format!(
            "not a release of Go, so its standard library is not checked: {}",
            text::excerpt(version)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! fixture {
        ($name:literal) => {
            include_bytes!(concat!("../../testdata/go-binary/", $name))
        };
    }

    /// The expectations are what `go version -m` of Go 1.26 printed for the fixture, without checksums and settings.
    fn check(bytes: &[u8], go_version_m: &[&str]) {
        let parsed = GoBinary.parse(&Input { path: "x", bytes });
        let line = |p: &crate::Package| {
            let version = p.version.as_deref().unwrap_or_default();
            match p.name.as_str() {
                "stdlib" => format!("go{version}"),
                name => format!("{name} v{version}"),
            }
        };
        let mut found: Vec<String> = parsed.value.packages.iter().map(line).collect();
        found.rotate_right(1);
        assert_eq!(found, go_version_m);
    }

    #[test]
    fn strings_and_pointers_read_as_go_itself_reads_them() {
        check(
            fixture!("since-1.18/usr/local/bin/hello"),
            &[
                "go1.22.1",
                "github.com/Masterminds/semver/v3 v3.2.1",
                "golang.org/x/text v0.3.7",
                "github.com/dgrijalva/jwt-go v3.2.0+incompatible",
            ],
        );
        let old = [
            "go1.16.15",
            "example.com/old v0.1.0",
            "golang.org/x/crypto v0.0.0-20200622213623-75b288015ac9",
        ];
        check(fixture!("before-1.18/old"), &old);
        check(fixture!("before-1.18/old-mips"), &old);
    }

    #[test]
    fn every_layout_reads_as_go_itself_reads_it() {
        check(
            fixture!("windows/hello.exe"),
            &[
                "go1.21.0",
                "example.com/w v0.0.0-20240102030405-0123456789ab+dirty",
                "golang.org/x/sys v0.12.0",
            ],
        );
        check(
            fixture!("mac/hello"),
            &["go1.20.5", "gopkg.in/yaml.v2 v2.2.1"],
        );
        check(
            fixture!("no-sections/hello"),
            &[
                "go1.24.0",
                "example.com/tool v1.4.0",
                "golang.org/x/net v0.23.0",
            ],
        );
    }
}
