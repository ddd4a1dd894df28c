//! The frame of the file: header, section table, digest. docs/decisions/002-catalog.md draws it.
//!
//! ```text
//! 0   8  magic "DAYWCAT\n"
//! 8   4  format version, little endian
//! 12  4  number of sections
//! 16  8  length of the file
//! 24 32  BLAKE3 of the file with these 32 bytes as zero
//! 56 ..  a section table row each: offset u64, length u64
//! ```

use std::ops::Range;

use super::error::CatalogError;

const MAGIC: &[u8; 8] = b"DAYWCAT\n";
/// Raised whenever a byte of the format changes its meaning.
pub(super) const FORMAT_VERSION: u32 = 4;
const DIGEST: Range<usize> = 24..56;
const TABLE_START: usize = 56;
const ROW_BYTES: usize = 16;

/// The parts of the file, in the order they stand in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// One record a feed.
    Feeds,
    /// Where each string starts.
    StringOffsets,
    /// Every text that is used more than once, end to end, the most used first.
    Strings,
    /// Ecosystem names, their releases, and which keys are theirs.
    Ecosystems,
    /// One fixed-width row for each (ecosystem name, normalised package).
    Keys,
    /// The normalised package names, end to end, in the order of the rows.
    KeyNames,
    /// Where each set of releases starts.
    ReleaseSetOffsets,
    /// Sets of releases that share affected entries.
    ReleaseSets,
    /// Affected entries, grouped by key.
    Entries,
    /// Where each advisory starts.
    AdvisoryOffsets,
    /// Advisories without what they affect, by id.
    Advisories,
    /// The hash of what each advisory says, eight bytes each.
    Contents,
    /// From the hash of an id to advisories, in buckets.
    Ids,
    /// Known exploited vulnerabilities, by feed.
    Kev,
    /// EPSS rows, by feed.
    Epss,
    /// CVE records, by feed.
    Cves,
    /// Updates of products, by feed.
    Updates,
}

impl Section {
    pub(super) const ALL: [Self; 17] = [
        Self::Feeds,
        Self::StringOffsets,
        Self::Strings,
        Self::Ecosystems,
        Self::Keys,
        Self::KeyNames,
        Self::ReleaseSetOffsets,
        Self::ReleaseSets,
        Self::Entries,
        Self::AdvisoryOffsets,
        Self::Advisories,
        Self::Contents,
        Self::Ids,
        Self::Kev,
        Self::Epss,
        Self::Cves,
        Self::Updates,
    ];

    /// The name damage is reported under.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Feeds => "feeds",
            Self::StringOffsets => "string offsets",
            Self::Strings => "strings",
            Self::Ecosystems => "ecosystems",
            Self::Keys => "package keys",
            Self::KeyNames => "package names",
            Self::ReleaseSetOffsets => "release set offsets",
            Self::ReleaseSets => "release sets",
            Self::Entries => "affected entries",
            Self::AdvisoryOffsets => "advisory offsets",
            Self::Advisories => "advisories",
            Self::Contents => "content hashes",
            Self::Ids => "id index",
            Self::Kev => "known exploited",
            Self::Epss => "epss",
            Self::Cves => "cve records",
            Self::Updates => "updates",
        }
    }
}

/// Puts sections into a file; `sections` are in the order of [`Section::ALL`].
pub(super) fn assemble(sections: &[Vec<u8>; Section::ALL.len()]) -> Vec<u8> {
    let body: usize = sections.iter().map(Vec::len).sum();
    let start = TABLE_START + ROW_BYTES * sections.len();
    let mut file = Vec::with_capacity(start + body);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    file.extend_from_slice(&(sections.len() as u32).to_le_bytes());
    file.extend_from_slice(&((start + body) as u64).to_le_bytes());
    file.extend_from_slice(&[0; DIGEST.end - DIGEST.start]);
    let mut at = start;
    for section in sections {
        file.extend_from_slice(&(at as u64).to_le_bytes());
        file.extend_from_slice(&(section.len() as u64).to_le_bytes());
        at += section.len();
    }
    for section in sections {
        file.extend_from_slice(section);
    }
    let digest = content_digest(&file);
    file[DIGEST].copy_from_slice(digest.as_bytes());
    file
}

fn content_digest(file: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&file[..DIGEST.start]);
    hasher.update(&[0; DIGEST.end - DIGEST.start]);
    hasher.update(&file[DIGEST.end..]);
    hasher.finalize()
}

fn printed(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    digest.iter().fold("blake3:".to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Where the sections of a file are. Checked against the length of the file, so that cutting one out cannot fail.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    sections: [Range<usize>; Section::ALL.len()],
}

impl Layout {
    /// Reads the header and the section table, nothing else.
    pub(super) fn read(file: &[u8]) -> Result<Self, CatalogError> {
        if !file.starts_with(MAGIC) {
            return Err(CatalogError::NotACatalog);
        }
        let damaged = |what| CatalogError::Damaged {
            section: "header",
            what,
        };
        let number = |at: usize| {
            file.get(at..at + 8)
                .and_then(|b| b.try_into().ok())
                .map(u64::from_le_bytes)
        };
        let head = number(8).ok_or(damaged("ends early"))?;
        let found = head as u32;
        if found != FORMAT_VERSION {
            return Err(CatalogError::WrongVersion {
                found,
                supported: FORMAT_VERSION,
            });
        }
        if (head >> 32) != Section::ALL.len() as u64 {
            return Err(damaged("wrong number of sections"));
        }
        if number(16) != Some(file.len() as u64) {
            return Err(damaged("the file is shorter or longer than it was written"));
        }
        let mut sections = std::array::from_fn(|_| 0..0);
        for (row, range) in sections.iter_mut().enumerate() {
            let at = TABLE_START + row * ROW_BYTES;
            let (start, len) = number(at)
                .zip(number(at + 8))
                .ok_or(damaged("ends early"))?;
            *range =
                place(start, len, file.len()).ok_or(damaged("a section lies outside the file"))?;
        }
        Ok(Self { sections })
    }

    /// The bytes of one section of the file this layout was read from.
    pub(super) fn section<'c>(&self, file: &'c [u8], section: Section) -> &'c [u8] {
        file.get(self.sections[section as usize].clone())
            .unwrap_or_default()
    }
}

fn place(start: u64, len: u64, file_len: usize) -> Option<Range<usize>> {
    let start = usize::try_from(start).ok()?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    (end <= file_len).then_some(start..end)
}

/// The digest in the header of a file whose layout was read.
pub(super) fn stored_digest(file: &[u8]) -> String {
    printed(file.get(DIGEST).unwrap_or_default())
}

/// Compares the digest in the header with the content.
pub(super) fn verify_digest(file: &[u8]) -> Result<(), CatalogError> {
    let (expected, found) = (
        stored_digest(file),
        printed(content_digest(file).as_bytes()),
    );
    if expected == found {
        Ok(())
    } else {
        Err(CatalogError::DigestMismatch { expected, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        assemble(&std::array::from_fn(|i| vec![i as u8; i]))
    }

    #[test]
    fn sections_come_back_and_the_digest_holds() {
        let file = file();
        let layout = Layout::read(&file).unwrap();
        for section in Section::ALL {
            assert_eq!(
                layout.section(&file, section),
                vec![section as u8; section as usize]
            );
        }
        verify_digest(&file).unwrap();
        assert!(stored_digest(&file).starts_with("blake3:"));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let good = file();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x40;
            assert!(
                Layout::read(&bad).is_err() || verify_digest(&bad).is_err(),
                "byte {at}"
            );
        }
    }

    #[test]
    fn every_shorter_file_is_refused() {
        let good = file();
        for len in 0..good.len() {
            assert!(Layout::read(&good[..len]).is_err(), "length {len}");
        }
    }
}
