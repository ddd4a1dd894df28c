//! One rpm header: an index of tags and the data they point into
//! (<https://rpm-software-management.github.io/rpm/manual/format_header.html>), without the magic a package file has.

use std::borrow::Cow;

/// `RPMTAG_NAME`.
pub(super) const NAME: u32 = 1000;
/// `RPMTAG_VERSION`.
pub(super) const VERSION: u32 = 1001;
/// `RPMTAG_RELEASE`.
pub(super) const RELEASE: u32 = 1002;
/// `RPMTAG_EPOCH`.
pub(super) const EPOCH: u32 = 1003;
/// `RPMTAG_ARCH`.
pub(super) const ARCH: u32 = 1022;
/// `RPMTAG_SOURCERPM`.
pub(super) const SOURCERPM: u32 = 1044;
/// `RPMTAG_DIRINDEXES`.
pub(super) const DIRINDEXES: u32 = 1116;
/// `RPMTAG_BASENAMES`.
pub(super) const BASENAMES: u32 = 1117;
/// `RPMTAG_DIRNAMES`.
pub(super) const DIRNAMES: u32 = 1118;
/// `RPMTAG_MODULARITYLABEL`.
pub(super) const MODULARITYLABEL: u32 = 5096;

/// rpm's own bound on the number of tags (`hdrchkTags`).
const TAGS_MAX: usize = 0xFFFF;
/// The longest text taken from a tag; names and versions are far shorter.
const TEXT_BYTES_MAX: usize = 4096;
const ENTRY_BYTES: usize = 16;

const TYPE_INT32: u32 = 4;
const TYPE_STRING: u32 = 6;
const TYPE_STRING_ARRAY: u32 = 8;
const TYPE_I18NSTRING: u32 = 9;

/// A header whose two parts lie inside its blob.
pub(super) struct Header<'a> {
    index: &'a [[u8; ENTRY_BYTES]],
    data: &'a [u8],
}

/// One index entry.
struct Entry {
    tag: u32,
    ty: u32,
    offset: u32,
    count: u32,
}

impl Entry {
    fn of(bytes: &[u8; ENTRY_BYTES]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *bytes;
        Self {
            tag: u32::from_be_bytes([a, b, c, d]),
            ty: u32::from_be_bytes([e, f, g, h]),
            offset: u32::from_be_bytes([i, j, k, l]),
            count: u32::from_be_bytes([m, n, o, p]),
        }
    }
}

impl<'a> Header<'a> {
    pub(super) fn parse(blob: &'a [u8]) -> Result<Self, &'static str> {
        let (lengths, rest) = blob
            .split_first_chunk::<8>()
            .ok_or("shorter than a header")?;
        let [a, b, c, d, e, f, g, h] = lengths.map(usize::from);
        let tags = a << 24 | b << 16 | c << 8 | d;
        let data_bytes = e << 24 | f << 16 | g << 8 | h;
        if tags == 0 || tags > TAGS_MAX {
            return Err("the number of tags is out of range");
        }
        let (index, data) = rest
            .split_at_checked(tags * ENTRY_BYTES)
            .ok_or("the index is cut off")?;
        Ok(Self {
            index: index.as_chunks().0,
            data: data.get(..data_bytes).ok_or("the data is cut off")?,
        })
    }

    /// The data from where the tag's value begins. A tag given again counts the first time.
    fn value(&self, tag: u32, types: &[u32]) -> Option<&'a [u8]> {
        self.values(tag, types).map(|(value, _)| value)
    }

    /// The same, with the number of values the index promises.
    fn values(&self, tag: u32, types: &[u32]) -> Option<(&'a [u8], usize)> {
        let entry = self
            .index
            .iter()
            .map(Entry::of)
            .find(|e| e.tag == tag && types.contains(&e.ty))?;
        let value = self.data.get(usize::try_from(entry.offset).ok()?..)?;
        Some((value, usize::try_from(entry.count).ok()?))
    }

    /// The strings of a tag, as many as the index promises and the data holds.
    pub(super) fn texts(&self, tag: u32) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (value, count) = self.values(tag, &[TYPE_STRING_ARRAY]).unwrap_or((&[], 0));
        value.split(|b| *b == 0).take(count)
    }

    /// The numbers of a tag.
    pub(super) fn numbers(&self, tag: u32) -> impl Iterator<Item = u32> + use<'a> {
        let (value, count) = self.values(tag, &[TYPE_INT32]).unwrap_or((&[], 0));
        let (numbers, _) = value.as_chunks::<4>();
        numbers.iter().take(count).map(|n| u32::from_be_bytes(*n))
    }

    /// The first string of a tag; `None` if it has none, is empty or is not ended.
    pub(super) fn text(&self, tag: u32) -> Option<String> {
        let value = self.value(tag, &[TYPE_STRING, TYPE_STRING_ARRAY, TYPE_I18NSTRING])?;
        let end = value
            .iter()
            .take(TEXT_BYTES_MAX + 1)
            .position(|b| *b == 0)?;
        Some(String::from_utf8_lossy(&value[..end]))
            .filter(|t| !t.is_empty())
            .map(Cow::into_owned)
    }

    /// The first number of a tag.
    pub(super) fn number(&self, tag: u32) -> Option<u32> {
        self.value(tag, &[TYPE_INT32])?
            .first_chunk()
            .copied()
            .map(u32::from_be_bytes)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A header of `(tag, type, value)`.
    pub(in super::super) fn blob(tags: &[(u32, u32, &[u8])]) -> Vec<u8> {
        let counted: Vec<(u32, u32, u32, &[u8])> = tags
            .iter()
            .map(|(tag, ty, value)| (*tag, *ty, 1, *value))
            .collect();
        blob_of(&counted)
    }

    /// A header of `(tag, type, count, values)`.
    pub(in super::super) fn blob_of(tags: &[(u32, u32, u32, &[u8])]) -> Vec<u8> {
        let mut index = Vec::new();
        let mut data = Vec::new();
        for (tag, ty, count, value) in tags {
            let offset = u32::try_from(data.len()).unwrap();
            index.extend(
                [*tag, *ty, offset, *count]
                    .into_iter()
                    .flat_map(u32::to_be_bytes),
            );
            data.extend_from_slice(value);
        }
        let lengths = [tags.len(), data.len()].map(|n| u32::try_from(n).unwrap());
        lengths
            .into_iter()
            .flat_map(u32::to_be_bytes)
            .chain(index)
            .chain(data)
            .collect()
    }

    #[test]
    fn values_are_found_by_tag_and_type() {
        let bytes = blob(&[
            (NAME, TYPE_STRING, b"bash\0"),
            (EPOCH, TYPE_INT32, &[0, 0, 0, 2]),
            (ARCH, TYPE_INT32, &[0; 4]),
        ]);
        let header = Header::parse(&bytes).unwrap();
        assert_eq!(header.text(NAME).as_deref(), Some("bash"));
        assert_eq!(header.number(EPOCH), Some(2));
        assert_eq!(header.text(ARCH), None);
        assert_eq!(header.text(VERSION), None);
    }

    #[test]
    fn an_offset_outside_the_data_is_no_value() {
        let mut bytes = blob(&[(NAME, TYPE_STRING, b"bash\0")]);
        bytes[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(Header::parse(&bytes).unwrap().text(NAME), None);
        let unended = blob(&[(NAME, TYPE_STRING, b"bash")]);
        assert_eq!(Header::parse(&unended).unwrap().text(NAME), None);
    }

    #[test]
    fn lengths_that_do_not_fit_are_refused() {
        let whole = blob(&[
            (NAME, TYPE_STRING, b"bash\0"),
            (VERSION, TYPE_STRING, b"5\0"),
        ]);
        for end in 0..whole.len() {
            assert!(Header::parse(&whole[..end]).is_err(), "{end}");
        }
        assert!(Header::parse(&[0xFF; 64]).is_err());
        assert!(Header::parse(&[0; 64]).is_err());
    }
}
