//! The primitives every section is written with: LEB128 integers, zigzag for signed ones, little-endian fixed widths.
//!
//! A [`Cursor`] never trusts what it reads: each step is bounds-checked and says which section was damaged.

use jiff::Timestamp;
use jiff::civil::Date;

use super::error::CatalogError;

/// Appends a LEB128 integer.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a count or a position; `usize` is at most 64 bits wide on every supported machine.
pub(super) fn put_count(out: &mut Vec<u8>, count: usize) {
    put_varint(out, count as u64);
}

/// Appends a signed integer, small magnitudes short.
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_varint(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends four bytes, little endian.
pub(super) fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

/// A position inside a section as the four bytes it takes in the file.
pub(super) fn offset(position: usize) -> u32 {
    u32::try_from(position)
        .expect("a section is under 4 GiB: the input of one would be over 40 GiB")
}

/// Appends seconds, and nanoseconds only where there are any.
pub(super) fn put_timestamp(out: &mut Vec<u8>, time: Timestamp) {
    let nanos = time.subsec_nanosecond();
    put_signed(out, time.as_second() * 2 + i64::from(nanos != 0));
    if nanos != 0 {
        put_signed(out, i64::from(nanos));
    }
}

/// Appends a calendar day.
pub(super) fn put_date(out: &mut Vec<u8>, date: Date) {
    put_signed(out, i64::from(date.year()));
    out.push(date.month() as u8);
    out.push(date.day() as u8);
}

/// Reads a section from one position on.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'c> {
    bytes: &'c [u8],
    at: usize,
    section: &'static str,
}

impl<'c> Cursor<'c> {
    pub(super) const fn new(bytes: &'c [u8], at: usize, section: &'static str) -> Self {
        Self { bytes, at, section }
    }

    /// The same section, but only its first bytes.
    pub(super) fn first(self, len: usize) -> Result<Self, CatalogError> {
        let bytes = self
            .bytes
            .get(..len)
            .ok_or_else(|| self.damaged("ends early"))?;
        Ok(Self { bytes, ..self })
    }

    /// The bytes that are left: no list read from here can be longer.
    pub(super) const fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    pub(super) const fn damaged(&self, what: &'static str) -> CatalogError {
        CatalogError::Damaged {
            section: self.section,
            what,
        }
    }

    pub(super) fn byte(&mut self) -> Result<u8, CatalogError> {
        let byte = *self
            .bytes
            .get(self.at)
            .ok_or_else(|| self.damaged("ends early"))?;
        self.at += 1;
        Ok(byte)
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'c [u8], CatalogError> {
        let end = self
            .at
            .checked_add(len)
            .ok_or_else(|| self.damaged("impossible length"))?;
        let taken = self
            .bytes
            .get(self.at..end)
            .ok_or_else(|| self.damaged("ends early"))?;
        self.at = end;
        Ok(taken)
    }

    pub(super) fn text(&mut self, len: usize) -> Result<&'c str, CatalogError> {
        let bytes = self.take(len)?;
        std::str::from_utf8(bytes).map_err(|_| self.damaged("text is not UTF-8"))
    }

    pub(super) fn u16(&mut self) -> Result<u16, CatalogError> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    pub(super) fn u32(&mut self) -> Result<u32, CatalogError> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    pub(super) fn varint(&mut self) -> Result<u64, CatalogError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.damaged("number is too long"))
    }

    pub(super) fn index(&mut self) -> Result<u32, CatalogError> {
        u32::try_from(self.varint()?).map_err(|_| self.damaged("number is too large"))
    }

    /// A list length, refused when the rest of the section cannot hold that many items.
    pub(super) fn count(&mut self) -> Result<usize, CatalogError> {
        let count = self.varint()?;
        match usize::try_from(count) {
            Ok(count) if count <= self.left() => Ok(count),
            _ => Err(self.damaged("list is longer than its section")),
        }
    }

    pub(super) fn signed(&mut self) -> Result<i64, CatalogError> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub(super) fn timestamp(&mut self) -> Result<Timestamp, CatalogError> {
        let packed = self.signed()?;
        let nanos = if packed & 1 == 1 { self.signed()? } else { 0 };
        let nanos = i32::try_from(nanos).map_err(|_| self.damaged("impossible time"))?;
        Timestamp::new(packed >> 1, nanos).map_err(|_| self.damaged("impossible time"))
    }

    pub(super) fn date(&mut self) -> Result<Date, CatalogError> {
        let year = i16::try_from(self.signed()?).map_err(|_| self.damaged("impossible date"))?;
        let (month, day) = (self.byte()?, self.byte()?);
        match (i8::try_from(month), i8::try_from(day)) {
            (Ok(month), Ok(day)) => {
                Date::new(year, month, day).map_err(|_| self.damaged("impossible date"))
            }
            _ => Err(self.damaged("impossible date")),
        }
    }
}

/// The `index`-th four-byte number of a section of them.
pub(super) fn u32_at(
    bytes: &[u8],
    index: usize,
    section: &'static str,
) -> Result<u32, CatalogError> {
    let start = index.checked_mul(4).ok_or(CatalogError::Damaged {
        section,
        what: "impossible index",
    })?;
    Cursor::new(bytes, start, section).u32()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_and_times_come_back(value: u64, signed: i64, second in -377_705_023_201_i64..=253_402_207_200, nanos in 0..1_000_000_000_i32) {
            let time = Timestamp::new(second, nanos).unwrap();
            let mut out = Vec::new();
            put_varint(&mut out, value);
            put_signed(&mut out, signed);
            put_timestamp(&mut out, time);
            let mut cursor = Cursor::new(&out, 0, "test");
            prop_assert_eq!(cursor.varint().unwrap(), value);
            prop_assert_eq!(cursor.signed().unwrap(), signed);
            prop_assert_eq!(cursor.timestamp().unwrap(), time);
            prop_assert_eq!(cursor.left(), 0);
        }

        #[test]
        fn any_bytes_give_a_value_or_an_error(bytes: Vec<u8>) {
            let read = |f: fn(&mut Cursor<'_>)| f(&mut Cursor::new(&bytes, 0, "test"));
            read(|c| _ = c.varint());
            read(|c| _ = c.timestamp());
            read(|c| _ = c.date());
            read(|c| _ = c.count());
            read(|c| _ = c.text(usize::MAX));
        }
    }
}
