//! What `cargo auditable` writes into a Rust program: the section `.dep-v0`, the crates as compressed JSON
//! (<https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md>).

use std::io::{Cursor, Read as _};

use base::{Limit, Note, Parsed};
use flate2::read::ZlibDecoder;
use serde::Deserialize;

use super::executable::{self, Executable};
use super::lenient::{List, Text};
use super::notes::Notes;
use super::{Format, Input, Listing, ReadSeek, installed, text};
use crate::HostKind;

/// The longest list, decompressed. A thousand crates need 150 KB.
const LIST_BYTES: Limit = Limit::new("cargo-auditable-bytes", 8 << 20);
/// The most crates taken from one program.
const CRATES: Limit = Limit::new("cargo-auditable-crates", 50_000);

const SECTION: &[u8] = b".dep-v0";

/// Programs built with `cargo auditable`.
pub struct RustBinary;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Audited<'a> {
    #[serde(borrow)]
    packages: List<Crate<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Crate<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    version: Text<'a>,
    #[serde(borrow)]
    source: Text<'a>,
    /// `build` for what ran while building and is not in the program; `runtime` if nothing is said.
    #[serde(borrow)]
    kind: Text<'a>,
}

impl Format for RustBinary {
    fn id(&self) -> &'static str {
        "rust-binary"
    }

    fn about(&self) -> &'static str {
        "crates of a program built with cargo auditable (ELF, PE, Mach-O)"
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
        Executable::open(&mut Cursor::new(input.bytes)).is_some_and(|program| program.has(SECTION))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        self.parse_in_place(input.path, &mut Cursor::new(input.bytes))
            .unwrap_or_else(|| Parsed {
                value: Listing::default(),
                notes: vec![Note::error("no list of crates in this file")],
            })
    }

    fn parse_in_place(&self, path: &str, file: &mut dyn ReadSeek) -> Option<Parsed<Listing>> {
        let section = Executable::open(file)?.section(SECTION)?;
        Some(crates(path, &section))
    }
}

fn crates(path: &str, section: &[u8]) -> Parsed<Listing> {
    let mut notes = Notes::default();
    let mut listing = Listing::default();
    let json = inflated(section, &mut notes);
    match serde_json::from_str::<Audited<'_>>(&json) {
        Ok(audited) => {
            for found in &audited.packages.0 {
                take(path, found, &mut listing, &mut notes);
                if CRATES.is_exceeded_by(listing.packages.len() as u64 + 1) {
                    notes.push(Note::warning("more crates were left out").because_of(CRATES));
                    break;
                }
            }
        }
        Err(error) => notes.push(Note::error(format!(
            "the list of crates is not JSON: {}",
            text::excerpt(&error.to_string())
        ))),
    }
    Parsed {
        value: listing,
        notes: notes.into_vec(),
    }
}

/// As much of the list as there is. Linkers pad the section, so what follows the compressed data is nothing.
fn inflated(section: &[u8], notes: &mut Notes) -> String {
    let mut bytes = Vec::new();
    let read = ZlibDecoder::new(section)
        .take(LIST_BYTES.max + 1)
        .read_to_end(&mut bytes);
    if let Err(error) = read {
        notes.push(Note::warning(format!(
            "the list of crates is broken: {error}"
        )));
    }
    if LIST_BYTES.is_exceeded_by(bytes.len() as u64) {
        notes.push(Note::warning("the list of crates is too long").because_of(LIST_BYTES));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn take(path: &str, found: &Crate<'_>, listing: &mut Listing, notes: &mut Notes) {
    // `local` is the builder's own code.
    let source = found.source.get().unwrap_or("crates.io");
    if source == "local" || found.kind.get() == Some("build") {
        return;
    }
    let (Some(name), Some(version)) = (found.name.get(), found.version.get()) else {
        notes.push(Note::warning(
            "a crate without name or version was left out",
        ));
        return;
    };
    let shown = text::excerpt(name);
    let Some(mut package) = installed::package("cargo", None, name, version, path) else {
        notes.push(installed::unclear(name, version));
        return;
    };
    if source != "crates.io" {
        package.ecosystem = None;
        let source = text::excerpt(source);
        notes.push(Note::info(format!(
            "not from crates.io but {source}: {shown}"
        )));
    }
    listing.packages.push(package);
}
