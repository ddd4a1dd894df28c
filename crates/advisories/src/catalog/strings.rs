//! Texts: interned while building, then either in the file's table (used more than once) or in place (used once).

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::error::CatalogError;
use super::layout::Section;
use super::wire::{Cursor, offset, put_count, put_u32, put_varint, u32_at};

/// A text of the [`Interner`]. After [`Interner::rank`] symbols are in the order of their texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Symbol(u32);

/// Every text a build has seen, once.
#[derive(Default)]
pub(super) struct Interner {
    texts: Vec<Arc<str>>,
    symbols: HashMap<Arc<str>, Symbol>,
}

impl Interner {
    /// The symbol of a text.
    pub(super) fn intern(&mut self, text: &str) -> Symbol {
        if let Some(&symbol) = self.symbols.get(text) {
            return symbol;
        }
        let symbol = Symbol(offset(self.texts.len()));
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.symbols.insert(text, symbol);
        symbol
    }

    /// The texts sorted, and for each old symbol its new one. Symbols were given in the order the input came, which must
    /// not show in the file.
    pub(super) fn rank(self) -> (Texts, Ranking) {
        let mut order: Vec<usize> = (0..self.texts.len()).collect();
        order.par_sort_unstable_by(|&a, &b| self.texts[a].cmp(&self.texts[b]));
        let mut ranks = vec![Symbol(0); order.len()];
        for (rank, &old) in order.iter().enumerate() {
            ranks[old] = Symbol(offset(rank));
        }
        let sorted = order
            .iter()
            .map(|&old| Arc::clone(&self.texts[old]))
            .collect();
        (Texts(sorted), Ranking(ranks))
    }
}

/// The texts of a build in sorted order.
pub(super) struct Texts(Vec<Arc<str>>);

impl Texts {
    pub(super) fn text(&self, symbol: Symbol) -> &str {
        &self.0[symbol.0 as usize]
    }
}

/// From the symbols of an [`Interner`] to those of its [`Texts`].
pub(super) struct Ranking(Vec<Symbol>);

impl Ranking {
    pub(super) fn apply(&self, symbol: &mut Symbol) {
        *symbol = self.0[symbol.0 as usize];
    }
}

/// Writes texts into records. Everything is encoded twice: the first pass only counts how often each text is used, the
/// second writes. One piece of code does both, so the counts cannot differ from what is written.
pub(super) struct TextWriter<'t> {
    texts: &'t Texts,
    pass: Pass,
}

enum Pass {
    Counting(Vec<u32>),
    Writing(Vec<Option<u32>>),
}

impl<'t> TextWriter<'t> {
    pub(super) fn counting(texts: &'t Texts) -> Self {
        Self {
            texts,
            pass: Pass::Counting(vec![0; texts.0.len()]),
        }
    }

    /// Whether a text is empty, so that a flag can stand for it.
    pub(super) fn is_empty(&self, symbol: Symbol) -> bool {
        self.texts.text(symbol).is_empty()
    }

    /// Appends a text.
    pub(super) fn put(&mut self, out: &mut Vec<u8>, symbol: Symbol) {
        self.put_tagged(out, symbol, 0, 0);
    }

    /// Appends a text with a few bits beside it.
    pub(super) fn put_tagged(
        &mut self,
        out: &mut Vec<u8>,
        symbol: Symbol,
        tag: u64,
        tag_bits: u32,
    ) {
        match &mut self.pass {
            Pass::Counting(counts) => counts[symbol.0 as usize] += 1,
            Pass::Writing(ids) => match ids[symbol.0 as usize] {
                Some(id) => put_varint(out, (u64::from(id) + 1) << tag_bits | tag),
                None => {
                    let text = self.texts.text(symbol);
                    put_varint(out, tag);
                    put_count(out, text.len());
                    out.extend_from_slice(text.as_bytes());
                }
            },
        }
    }

    /// Turns to the second pass: numbers the texts that are worth a place in the table, the most used first, and gives the
    /// two sections of the table.
    pub(super) fn number(&mut self) -> (Vec<u8>, Vec<u8>) {
        let Pass::Counting(counts) = &self.pass else {
            return (Vec::new(), Vec::new());
        };
        let mut shared: Vec<u32> = (0..offset(counts.len()))
            .filter(|&s| pays_off(counts[s as usize], self.texts.0[s as usize].len()))
            .collect();
        shared.sort_by_key(|&s| (std::cmp::Reverse(counts[s as usize]), s));
        let mut ids = vec![None; counts.len()];
        let (mut offsets, mut bytes) = (Vec::new(), Vec::new());
        for (id, &symbol) in shared.iter().enumerate() {
            ids[symbol as usize] = Some(offset(id));
            put_u32(&mut offsets, offset(bytes.len()));
            bytes.extend_from_slice(self.texts.0[symbol as usize].as_bytes());
        }
        put_u32(&mut offsets, offset(bytes.len()));
        self.pass = Pass::Writing(ids);
        (offsets, bytes)
    }
}

/// Whether a text used `count` times is shorter in the table (an offset, and about three bytes a use) than in place.
const fn pays_off(count: u32, len: usize) -> bool {
    let (count, len) = (count as u64, len as u64);
    count * (len + 2) > len + 4 + 3 * count
}

/// The table of texts in a file.
#[derive(Clone, Copy)]
pub(super) struct StringTable<'c> {
    pub(super) offsets: &'c [u8],
    pub(super) bytes: &'c [u8],
}

impl<'c> StringTable<'c> {
    /// Reads a text written by [`TextWriter::put`].
    pub(super) fn read(self, cursor: &mut Cursor<'c>) -> Result<&'c str, CatalogError> {
        self.read_tagged(cursor, 0).map(|(text, _)| text)
    }

    /// Reads a text and the bits beside it.
    pub(super) fn read_tagged(
        self,
        cursor: &mut Cursor<'c>,
        tag_bits: u32,
    ) -> Result<(&'c str, u64), CatalogError> {
        let packed = cursor.varint()?;
        let tag = packed & ((1 << tag_bits) - 1);
        let text = match packed >> tag_bits {
            0 => {
                let len = cursor.count()?;
                cursor.text(len)?
            }
            number => self.text(number - 1)?,
        };
        Ok((text, tag))
    }

    fn text(self, id: u64) -> Result<&'c str, CatalogError> {
        let section = Section::StringOffsets.name();
        let id = usize::try_from(id).map_err(|_| CatalogError::Damaged {
            section,
            what: "impossible index",
        })?;
        let start = u32_at(self.offsets, id, section)?;
        let end = u32_at(self.offsets, id.saturating_add(1), section)?;
        let len = end.checked_sub(start).ok_or(CatalogError::Damaged {
            section,
            what: "offsets are not sorted",
        })?;
        Cursor::new(self.bytes, start as usize, Section::Strings.name()).text(len as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_whether_shared_or_in_place() {
        let mut interner = Interner::default();
        let words = ["once", "often", "", "often", "Ünicode", "often"];
        let mut symbols: Vec<Symbol> = words.iter().map(|w| interner.intern(w)).collect();
        let (texts, ranking) = interner.rank();
        symbols.iter_mut().for_each(|s| ranking.apply(s));

        let mut writer = TextWriter::counting(&texts);
        let mut out = Vec::new();
        symbols.iter().for_each(|&s| writer.put(&mut out, s));
        assert!(out.is_empty(), "the first pass only counts");
        let (offsets, bytes) = writer.number();
        assert_eq!(bytes, b"often");
        symbols
            .iter()
            .for_each(|&s| writer.put_tagged(&mut out, s, 2, 2));

        let table = StringTable {
            offsets: &offsets,
            bytes: &bytes,
        };
        let mut cursor = Cursor::new(&out, 0, "test");
        for word in words {
            assert_eq!(table.read_tagged(&mut cursor, 2).unwrap(), (word, 2));
        }
    }
}
