//! Where the sections of an executable lie: ELF (<https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html>), PE
//! (<https://learn.microsoft.com/windows/win32/debug/pe-format>) and Mach-O, also several in one file.
//!
//! Read by hand and in place: what a program was built from stands in one small section, while the file has a hundred
//! megabytes. The readers of the usual crates look for the end of a section's name wherever a hostile file says it begins,
//! which takes the square of the file's size; here a name is compared where it stands.

use std::io::{Read as _, SeekFrom};

use base::Limit;

use super::ReadSeek;

/// The most sections looked at. A linked program has fewer than a hundred.
const SECTIONS: Limit = Limit::new("executable-sections", 4096);
/// The largest section read. Kubernetes, with all its modules, needs 60 KB.
const SECTION_BYTES: Limit = Limit::new("executable-section-bytes", 8 << 20);
/// The largest table of section names, and the most load commands, in bytes.
const TABLE_BYTES: u64 = 1 << 20;
/// The most programs in one Mach-O file. A Java class begins with the same four bytes, and then a version of 45 or more.
const FAT_MAX: u64 = 40;
/// How far UPX's mark is from the beginning at most, by far.
const UPX_BYTES: u64 = 4096;

/// A part of the file that has an address when it is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    name: Vec<u8>,
    address: u64,
    offset: u64,
    size: u64,
    is_data: bool,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Elf,
    Pe,
    MachO,
}

/// An executable, opened.
pub(super) struct Executable<'f> {
    file: &'f mut dyn ReadSeek,
    layout: Layout,
    sections: Vec<Part>,
    segments: Vec<Part>,
}

/// Whether a file of this name may be an executable: one without an extension, or with one that programs have. What is not
/// one is seen from its first bytes. The files of the kernel are no files.
pub(super) fn wants(path: &str) -> bool {
    const NO_FILES: [&str; 3] = ["proc/", "sys/", "dev/"];
    const EXTENSIONS: [&str; 10] = [
        "exe", "dll", "so", "dylib", "bin", "elf", "run", "amd64", "arm64", "x86_64",
    ];
    let below_root = path.strip_prefix('/').unwrap_or(path);
    if NO_FILES.iter().any(|place| below_root.starts_with(place)) {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_version = |text: &str| text.bytes().next().is_some_and(|b| b.is_ascii_digit());
    match name.rsplit_once('.') {
        None | Some(("", _)) => true,
        Some((_, extension)) => EXTENSIONS.contains(&extension) || is_version(extension),
    }
}

impl<'f> Executable<'f> {
    /// The parts of the file, or `None` if it is no executable, or its tables are broken.
    pub(super) fn open(file: &'f mut dyn ReadSeek) -> Option<Self> {
        let magic: [u8; 4] = read_at(file, 0, 4)?.try_into().ok()?;
        let (layout, parts) = match magic {
            [0x7F, b'E', b'L', b'F'] => (Layout::Elf, elf(file)?),
            [b'M', b'Z', ..] => (Layout::Pe, pe(file)?),
            [0xCA, 0xFE, 0xBA, 0xBE] => (Layout::MachO, fat(file)?),
            [0xCF | 0xCE, 0xFA, 0xED, 0xFE] | [0xFE, 0xED, 0xFA, 0xCF | 0xCE] => {
                (Layout::MachO, mach_o(file, 0)?)
            }
            _ => return None,
        };
        Some(Self {
            file,
            layout,
            sections: parts.sections,
            segments: parts.segments,
        })
    }

    /// Whether the file has this section.
    pub(super) fn has(&self, name: &[u8]) -> bool {
        self.sections.iter().any(|s| s.name == name)
    }

    /// The bytes of a section, as far as the limit allows.
    pub(super) fn section(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let section = self.sections.iter().find(|s| s.name == name)?;
        let (offset, size) = (section.offset, section.size.min(SECTION_BYTES.max));
        read_up_to(self.file, offset, size)
    }

    /// Whether the data is to be searched for what has no section of its own: PE has no names for it, and a program's
    /// table of sections can be taken away.
    pub(super) const fn is_to_be_searched(&self) -> bool {
        matches!(self.layout, Layout::Pe) || self.sections.is_empty()
    }

    /// The beginning of the data that is loaded from the file and can be written to.
    pub(super) fn data(&mut self, bytes_max: u64) -> Option<(u64, Vec<u8>)> {
        let part = self.segments.iter().find(|s| s.is_data && s.size > 0)?;
        let (address, offset, size) = (part.address, part.offset, part.size.min(bytes_max));
        Some((address, read_up_to(self.file, offset, size)?))
    }

    /// What is at an address when the program is loaded; less where the file ends.
    pub(super) fn at_address(&mut self, address: u64, len: u64) -> Option<Vec<u8>> {
        let part = self
            .segments
            .iter()
            .find(|s| address.checked_sub(s.address).is_some_and(|at| at < s.size))?;
        let at = address - part.address;
        let (offset, left) = (part.offset.checked_add(at)?, part.size - at);
        read_up_to(self.file, offset, len.min(left).min(SECTION_BYTES.max))
    }

    /// Whether the program is packed with UPX (<https://upx.github.io>), so that nothing of it can be read.
    pub(super) fn is_packed(&mut self) -> bool {
        let unpacks_itself = self.sections.is_empty() || self.has(b"UPX0") || self.has(b"UPX1");
        unpacks_itself
            && read_up_to(self.file, 0, UPX_BYTES)
                .is_some_and(|head| head.windows(4).any(|w| w == b"UPX!"))
    }
}

#[derive(Default)]
struct Parts {
    sections: Vec<Part>,
    segments: Vec<Part>,
}

/// Numbers of one byte order, `None` where the bytes end before the number does.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    /// Big-endian.
    pub(super) is_big: bool,
    /// Addresses and sizes have eight bytes, else four.
    pub(super) is_wide: bool,
}

impl Numbers {
    pub(super) fn read(self, bytes: &[u8], at: usize, len: usize) -> Option<u64> {
        let digits = bytes.get(at..at.checked_add(len)?)?;
        let shift = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        Some(if self.is_big {
            digits.iter().fold(0, shift)
        } else {
            digits.iter().rev().fold(0, shift)
        })
    }

    /// A number of the width of an address, at one of two places.
    fn wide(self, bytes: &[u8], narrow_at: usize, wide_at: usize) -> Option<u64> {
        if self.is_wide {
            self.read(bytes, wide_at, 8)
        } else {
            self.read(bytes, narrow_at, 4)
        }
    }
}

fn elf(file: &mut dyn ReadSeek) -> Option<Parts> {
    let head = read_up_to(file, 0, 64)?;
    let numbers = Numbers {
        is_wide: *head.get(4)? == 2,
        is_big: *head.get(5)? == 2,
    };
    // Narrow, then wide.
    let short = |narrow: usize, wide: usize| {
        numbers.read(&head, if numbers.is_wide { wide } else { narrow }, 2)
    };
    let (segments_at, sections_at) = (numbers.wide(&head, 28, 32)?, numbers.wide(&head, 32, 40)?);
    let segments = table(file, segments_at, short(42, 54)?, short(44, 56)?);
    let sections = table(file, sections_at, short(46, 58)?, short(48, 60)?);
    let names_index = usize::try_from(short(50, 62)?).ok()?;
    Some(Parts {
        segments: segments
            .iter()
            .filter_map(|entry| elf_segment(numbers, entry))
            .collect(),
        sections: elf_sections(file, numbers, &sections, names_index).unwrap_or_default(),
    })
}

fn elf_segment(numbers: Numbers, entry: &[u8]) -> Option<Part> {
    const LOAD: u64 = 1;
    const EXECUTE: u64 = 1;
    const WRITE: u64 = 2;
    let flags = numbers.read(entry, if numbers.is_wide { 4 } else { 24 }, 4)?;
    (numbers.read(entry, 0, 4)? == LOAD).then_some(Part {
        name: Vec::new(),
        offset: numbers.wide(entry, 4, 8)?,
        address: numbers.wide(entry, 8, 16)?,
        size: numbers.wide(entry, 16, 32)?,
        is_data: flags & (WRITE | EXECUTE) == WRITE,
    })
}

fn elf_sections(
    file: &mut dyn ReadSeek,
    numbers: Numbers,
    entries: &[Vec<u8>],
    names_index: usize,
) -> Option<Vec<Part>> {
    const NO_BITS: u64 = 8;
    let place = |entry: &[u8]| Some((numbers.wide(entry, 16, 24)?, numbers.wide(entry, 20, 32)?));
    let (names_at, names_size) = place(entries.get(names_index)?)?;
    let names = read_up_to(file, names_at, names_size.min(TABLE_BYTES))?;
    let section = |entry: &Vec<u8>| {
        let name_at = usize::try_from(numbers.read(entry, 0, 4)?).ok()?;
        let (offset, size) = place(entry)?;
        let is_in_file = numbers.read(entry, 4, 4)? != NO_BITS;
        is_in_file.then_some(Part {
            name: short_name(names.get(name_at..)?),
            address: numbers.wide(entry, 12, 16)?,
            offset,
            size,
            is_data: false,
        })
    };
    Some(entries.iter().filter_map(section).collect())
}

fn pe(file: &mut dyn ReadSeek) -> Option<Parts> {
    const INITIALISED: u64 = 0x40;
    const WRITE: u64 = 0x8000_0000;
    const HEADER_BYTES: u64 = 24;
    let numbers = Numbers {
        is_wide: false,
        is_big: false,
    };
    let head_at = numbers.read(&read_at(file, 0x3C, 4)?, 0, 4)?;
    let head = read_at(file, head_at, HEADER_BYTES)?;
    if !head.starts_with(b"PE\0\0") {
        return None;
    }
    let count = numbers.read(&head, 6, 2)?;
    let optional_bytes = numbers.read(&head, 20, 2)?;
    let optional = read_up_to(file, head_at + HEADER_BYTES, optional_bytes)?;
    let base = match numbers.read(&optional, 0, 2)? {
        0x20B => numbers.read(&optional, 24, 8)?,
        _ => numbers.read(&optional, 28, 4)?,
    };
    let entries = table(file, head_at + HEADER_BYTES + optional_bytes, 40, count);
    let section = |entry: &Vec<u8>| {
        let flags = numbers.read(entry, 36, 4)?;
        Some(Part {
            name: short_name(&entry[..8]),
            address: base.checked_add(numbers.read(entry, 12, 4)?)?,
            offset: numbers.read(entry, 20, 4)?,
            size: numbers.read(entry, 16, 4)?,
            is_data: flags & (WRITE | INITIALISED) == WRITE | INITIALISED,
        })
    };
    let sections: Vec<Part> = entries.iter().filter_map(section).collect();
    Some(Parts {
        segments: sections.clone(),
        sections,
    })
}

/// Several Mach-O programs in one file, for several processors: the first that can be read, since all were built from the
/// same sources.
fn fat(file: &mut dyn ReadSeek) -> Option<Parts> {
    let numbers = Numbers {
        is_wide: false,
        is_big: true,
    };
    let count = numbers.read(&read_at(file, 4, 4)?, 0, 4)?;
    if count > FAT_MAX {
        return None;
    }
    let programs = table(file, 8, 20, count);
    programs
        .iter()
        .filter_map(|entry| numbers.read(entry, 8, 4))
        .find_map(|at| mach_o(file, at))
}

fn mach_o(file: &mut dyn ReadSeek, base: u64) -> Option<Parts> {
    const SEGMENT: u64 = 1;
    const SEGMENT_64: u64 = 0x19;
    let head = read_at(file, base, 28)?;
    let numbers = Numbers {
        is_wide: head[0] == 0xCF || head[3] == 0xCF,
        is_big: head[0] == 0xFE,
    };
    if numbers.read(&head, 0, 4)? & 0xFFFF_FFFE != 0xFEED_FACE {
        return None;
    }
    let commands_at = base.checked_add(if numbers.is_wide { 32 } else { 28 })?;
    let size = numbers.read(&head, 20, 4)?.min(TABLE_BYTES);
    let commands = read_up_to(file, commands_at, size)?;
    let mut parts = Parts::default();
    let mut rest = commands.as_slice();
    while let (Some(command), Some(size)) = (numbers.read(rest, 0, 4), numbers.read(rest, 4, 4)) {
        let size = usize::try_from(size).ok()?;
        let (Some(body), true) = (rest.get(..size), size >= 8) else {
            break;
        };
        if command == SEGMENT || command == SEGMENT_64 {
            mach_o_segment(numbers, body, base, &mut parts);
        }
        rest = &rest[size..];
    }
    Some(parts)
}

fn mach_o_segment(numbers: Numbers, command: &[u8], base: u64, parts: &mut Parts) -> Option<()> {
    const WRITE: u64 = 2;
    let (protection_at, sections_at, section_bytes) = if numbers.is_wide {
        (60, 72, 80)
    } else {
        (44, 56, 68)
    };
    parts.segments.push(Part {
        name: Vec::new(),
        address: numbers.wide(command, 24, 24)?,
        offset: base.checked_add(numbers.wide(command, 32, 40)?)?,
        size: numbers.wide(command, 36, 48)?,
        is_data: numbers.read(command, protection_at, 4)? & WRITE != 0,
    });
    for entry in command.get(sections_at..)?.chunks_exact(section_bytes) {
        if SECTIONS.is_exceeded_by(parts.sections.len() as u64 + 1) {
            break;
        }
        let offset_at = if numbers.is_wide { 48 } else { 40 };
        parts.sections.push(Part {
            name: short_name(&entry[..16]),
            address: numbers.wide(entry, 32, 32)?,
            offset: base.checked_add(numbers.read(entry, offset_at, 4)?)?,
            size: numbers.wide(entry, 36, 40)?,
            is_data: false,
        });
    }
    Some(())
}

/// A name up to its end, as far as the names that are looked for are long.
fn short_name(bytes: &[u8]) -> Vec<u8> {
    const NAME_BYTES: usize = 16;
    let bytes = &bytes[..bytes.len().min(NAME_BYTES)];
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    bytes[..end].to_vec()
}

/// The entries of a table that lie in the file, of the size given, each long enough to hold every field asked for.
fn table(file: &mut dyn ReadSeek, at: u64, entry_bytes: u64, count: u64) -> Vec<Vec<u8>> {
    const SMALLEST: u64 = 20;
    const LARGEST: u64 = 256;
    if !(SMALLEST..=LARGEST).contains(&entry_bytes) {
        return Vec::new();
    }
    let bytes = read_up_to(file, at, entry_bytes * count.min(SECTIONS.max)).unwrap_or_default();
    let entry_bytes = usize::try_from(entry_bytes).unwrap_or(usize::MAX);
    bytes
        .chunks_exact(entry_bytes)
        .map(<[u8]>::to_vec)
        .collect()
}

/// Exactly so many bytes.
fn read_at(file: &mut dyn ReadSeek, at: u64, len: u64) -> Option<Vec<u8>> {
    read_up_to(file, at, len).filter(|bytes| bytes.len() as u64 == len)
}

/// So many bytes, or fewer where the file ends.
fn read_up_to(file: &mut dyn ReadSeek, at: u64, len: u64) -> Option<Vec<u8>> {
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut bytes = Vec::new();
    file.take(len).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_have_any_name_but_not_that_of_a_text() {
        let check = |path: &str, expected: bool| assert_eq!(wants(path), expected, "{path}");
        check("usr/local/bin/prometheus", true);
        check("app", true);
        check("app.exe", true);
        check("libx.so", true);
        check("libx.so.1.2", true);
        check("tool-1.2.3", true);
        check("kubectl_linux_amd64", true);
        check("main.go", false);
        check("README.md", false);
        check("proc/1/exe", false);
        check("/sys/kernel/x", false);
        check("srv/proc/x", true);
    }

    #[test]
    fn what_is_no_executable_is_not_opened() {
        let check = |bytes: &[u8]| {
            assert!(Executable::open(&mut std::io::Cursor::new(bytes)).is_none());
        };
        check(b"");
        check(b"\x7fELF");
        check(b"MZ");
        check(b"#!/bin/sh\n");
        // A Java class of version 52.
        check(b"\xca\xfe\xba\xbe\0\0\0\x34\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    }
}
