//! A ZIP archive in memory (APPNOTE.TXT 6.3), within one budget for a file and all archives in it, so that no nesting of
//! bombs costs more than one. Nothing is written to disk: a member's name is only shown and compared.

use std::io::{Cursor, Read as _};

use base::{Limit, Note};
use zip::ZipArchive;
use zip::result::ZipError;

/// All bytes decompressed of one file, archives in archives included.
const TOTAL_BYTES: Limit = Limit::new("jar-total-bytes", 2 << 30);
/// Archives within archives that are in memory at once: each while those in it are read.
const NESTED_BYTES: Limit = Limit::new("jar-nested-bytes", 512 << 20);
/// The largest manifest or pom.
const SMALL_BYTES: Limit = Limit::new("jar-text-bytes", 4 << 20);
/// Members of one file, archives in archives included. Each costs memory.
const MEMBERS: Limit = Limit::new("jar-members", 4_000_000);

const MANIFEST: &str = "META-INF/MANIFEST.MF";

/// What may still be spent on one file.
pub(super) struct Budget {
    bytes_left: u64,
    members_left: u64,
    /// Bytes of archives within archives that are in memory.
    nested: u64,
    exceeded: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            bytes_left: TOTAL_BYTES.max,
            members_left: MEMBERS.max,
            nested: 0,
            exceeded: false,
        }
    }
}

impl Budget {
    /// Whether this is the first time something is left out for its number.
    pub(super) const fn is_first_excess(&mut self) -> bool {
        !std::mem::replace(&mut self.exceeded, true)
    }

    /// An archive within an archive has been read and is let go.
    pub(super) const fn let_go(&mut self, nested: &[u8]) {
        self.nested = self.nested.saturating_sub(nested.len() as u64);
    }
}

/// Whether the bytes end as an archive does. They may begin otherwise: a shell script before it makes a program of a jar.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    let may_begin_one = bytes.starts_with(b"PK") || bytes.starts_with(b"#!");
    may_begin_one && end_record(bytes).is_some()
}

/// Whether an archive is about Java: it has a manifest, or archives that may.
pub(super) fn is_java(bytes: &[u8]) -> bool {
    Archive::open(bytes, &mut Budget::default()).is_ok_and(|archive| {
        archive.names().any(|name| {
            name == MANIFEST || name.starts_with("META-INF/maven/") || super::has_extension(name)
        })
    })
}

/// An archive, its directory read.
pub(super) struct Archive<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
    /// Decoded, in the archive's order.
    names: Vec<String>,
    declared: u64,
}

impl<'b> Archive<'b> {
    pub(super) fn open(bytes: &'b [u8], budget: &mut Budget) -> Result<Self, Note> {
        // Asked before the directory is read, because reading it costs memory for every entry.
        let declared = declared_members(bytes);
        budget.members_left = budget
            .members_left
            .checked_sub(declared)
            .ok_or_else(|| Note::warning("too many members, left out").because_of(MEMBERS))?;
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken("the archive", &e))?;
        let decoded = zip
            .file_names()
            .map(|name| name.unwrap_or_default().into_owned());
        let names = decoded.collect();
        Ok(Self {
            zip,
            names,
            declared,
        })
    }

    /// Of members with one name, only the last is seen.
    pub(super) fn repeated(&self) -> Option<Note> {
        let hidden = self.declared.saturating_sub(self.zip.len() as u64);
        (hidden > 0).then(|| {
            Note::warning(format!(
                "members under one name, of which the last is read: {hidden}"
            ))
        })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether there is code of a library in it: not only that of an application, and what starts it.
    pub(super) fn has_classes(&self) -> bool {
        const APPLICATIONS: [&str; 3] =
            ["BOOT-INF/", "WEB-INF/", "org/springframework/boot/loader/"];
        self.names().any(|name| {
            name.ends_with(".class") && !APPLICATIONS.iter().any(|a| name.starts_with(a))
        })
    }

    pub(super) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// The name, for people.
    pub(super) fn shown_name(&self, index: usize) -> String {
        self.name(index).escape_debug().to_string()
    }

    /// The members of these names, in the archive's order.
    pub(super) fn members(&self, wanted: impl Fn(&str) -> bool) -> Vec<usize> {
        (0..self.zip.len())
            .filter(|&index| wanted(self.name(index)))
            .collect()
    }

    /// Every `pom.properties`, wherever it was unpacked to, and every `pom.xml` of Maven's without one beside it.
    pub(super) fn poms(&self) -> Vec<usize> {
        let is_pom = |name: &str| {
            let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
            let is_of_maven = folder.contains("META-INF/maven/");
            file == "pom.properties" || (file == "pom.xml" && is_of_maven)
        };
        let mut found = self.members(is_pom);
        found.retain(|&index| {
            let beside = self.name(index).strip_suffix("pom.xml");
            beside.is_none_or(|folder| {
                let properties = format!("{folder}pom.properties");
                self.zip.index_for_name(&properties).is_none()
            })
        });
        found
    }

    /// The manifest, if there is one.
    pub(super) fn manifest(&mut self, budget: &mut Budget) -> Result<Option<Vec<u8>>, Note> {
        match self.zip.index_for_name(MANIFEST) {
            Some(index) => self.small(index, budget).map(Some),
            None => Ok(None),
        }
    }

    /// A text.
    pub(super) fn small(&mut self, index: usize, budget: &mut Budget) -> Result<Vec<u8>, Note> {
        self.read(index, SMALL_BYTES, SMALL_BYTES.max, budget)
    }

    /// An archive; [`Budget::let_go`] when it has been read.
    pub(super) fn nested(&mut self, index: usize, budget: &mut Budget) -> Result<Vec<u8>, Note> {
        let most = NESTED_BYTES.max.saturating_sub(budget.nested);
        let bytes = self.read(index, NESTED_BYTES, most, budget)?;
        budget.nested += bytes.len() as u64;
        Ok(bytes)
    }

    /// A member of so many bytes at most, by that limit, decompressed; its declared size is not believed.
    fn read(
        &mut self,
        index: usize,
        limit: Limit,
        at_most: u64,
        budget: &mut Budget,
    ) -> Result<Vec<u8>, Note> {
        let too_large = || Note::warning("too large, left out").because_of(limit);
        let member = self
            .zip
            .by_index(index)
            .map_err(|e| broken("a member", &e))?;
        if member.size() > at_most {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let most = at_most.min(budget.bytes_left);
        let read = member.take(most + 1).read_to_end(&mut bytes);
        let len = bytes.len() as u64;
        budget.bytes_left = budget.bytes_left.saturating_sub(len);
        if len > most {
            let total = Note::warning("too much in archives within archives, left out");
            return Err(if len > at_most {
                too_large()
            } else {
                total.because_of(TOTAL_BYTES)
            });
        }
        match read {
            Ok(_) => Ok(bytes),
            Err(error) => Err(Note::warning(format!(
                "a member could not be read: {error}"
            ))),
        }
    }
}

fn broken(what: &str, error: &ZipError) -> Note {
    Note::error(format!("{what} could not be read: {error}"))
}

/// Where the end of the archive's directory is announced (APPNOTE 4.3.16).
fn end_record(bytes: &[u8]) -> Option<usize> {
    /// The longest comment behind the record, and the record.
    const TAIL_BYTES: usize = 0xFFFF + 22;
    let start = bytes.len().saturating_sub(TAIL_BYTES);
    let at = bytes[start..]
        .windows(4)
        .rposition(|w| w == b"PK\x05\x06")?;
    Some(start + at)
}

/// How many members the end of the archive announces (APPNOTE 4.3.14 to 4.3.16), 0 if it cannot be found.
fn declared_members(bytes: &[u8]) -> u64 {
    const LOCATOR_BYTES: usize = 20;
    let Some(at) = end_record(bytes) else {
        return 0;
    };
    let count = number(bytes, at + 10, 2);
    let locator = at
        .checked_sub(LOCATOR_BYTES)
        .filter(|&at| bytes[at..].starts_with(b"PK\x06\x07"));
    let Some(locator) = locator else {
        return count;
    };
    // What stands before the archive moves it, so the record is looked for right before its locator too.
    let stated = usize::try_from(number(bytes, locator + 8, 8)).unwrap_or(usize::MAX);
    let is_record = |at: &usize| {
        bytes
            .get(*at..)
            .is_some_and(|b| b.starts_with(b"PK\x06\x06"))
    };
    let record = [Some(stated), locator.checked_sub(56)]
        .into_iter()
        .flatten()
        .find(is_record);
    record.map_or(count, |at| number(bytes, at + 32, 8).max(count))
}

/// A little-endian number, 0 where the bytes end before it does.
fn number(bytes: &[u8], at: usize, len: usize) -> u64 {
    let digits = at
        .checked_add(len)
        .and_then(|end| bytes.get(at..end))
        .unwrap_or_default();
    digits
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
