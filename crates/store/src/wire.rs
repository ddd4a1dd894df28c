//! Canonical bytes: one value has one spelling, so that its SHA-256 names it. Numbers are LEB128 varints (signed ones
//! zigzagged first), texts and lists have their length ahead, an optional value has one byte ahead, a choice is one byte.
//!
//! Every document starts with the number of its version. A field that is added later is written last and read from that
//! version on; the fields of a version never change, since the digests of what was stored rest on them.

mod change;
mod host;
mod release;
#[cfg(test)]
mod samples;

pub(crate) use change::{HitTable, StoredCatalog, StoredReport, StoredWhat};
pub(crate) use host::StoredHost;
pub(crate) use release::StoredRelease;

use base::Limit;

/// What one stored document may grow to when it is unpacked.
pub(crate) const DOCUMENT_BYTES: Limit = Limit::new("stored-document-bytes", 1 << 30);

/// The bytes are no such document; what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) String);

impl Broken {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// A value with one spelling in bytes. Every value takes at least one byte.
pub(crate) trait Wire: Sized {
    /// Appends it.
    fn put(&self, out: &mut Vec<u8>);
    /// Takes it from the front.
    fn take(from: &mut Reader<'_>) -> Result<Self, Broken>;
}

/// Bytes that are not read yet.
pub(crate) struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Result<u8, Broken> {
        let (first, rest) = self
            .rest
            .split_first()
            .ok_or_else(|| Broken::new("it breaks off"))?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'b [u8], Broken> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or_else(|| Broken::new("it breaks off"))?;
        self.rest = rest;
        Ok(taken)
    }

    /// The number of things that follow, each at least a byte.
    fn count(&mut self) -> Result<usize, Broken> {
        let count =
            usize::try_from(u64::take(self)?).map_err(|_| Broken::new("a count is absurd"))?;
        if count > self.rest.len() {
            return Err(Broken::new(format!(
                "{count} things are announced where they cannot stand"
            )));
        }
        Ok(count)
    }
}

/// The document of a value.
pub(crate) fn encode<T: Wire>(version: u8, value: &T) -> Vec<u8> {
    let mut out = vec![version];
    value.put(&mut out);
    out
}

/// The value of a document, which must be all of it.
pub(crate) fn decode<T: Wire>(version: u8, bytes: &[u8]) -> Result<T, Broken> {
    let mut reader = Reader { rest: bytes };
    let found = reader.byte()?;
    if found != version {
        return Err(Broken::new(format!(
            "its version is {found}, this program knows {version}"
        )));
    }
    let value = T::take(&mut reader)?;
    match reader.rest.len() {
        0 => Ok(value),
        more => Err(Broken::new(format!("{more} bytes are left over"))),
    }
}

/// A document packed for the disk (zstd, RFC 8878).
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    const LEVEL: i32 = 3;
    zstd::bulk::compress(bytes, LEVEL).expect("packing into memory cannot fail")
}

/// The document again, bounded.
pub(crate) fn unpack(packed: &[u8]) -> Result<Vec<u8>, Broken> {
    use std::io::Read as _;
    let broken = |error: std::io::Error| Broken::new(format!("it cannot be unpacked: {error}"));
    let mut bytes = Vec::new();
    let decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(broken)?;
    decoder
        .take(DOCUMENT_BYTES.max + 1)
        .read_to_end(&mut bytes)
        .map_err(broken)?;
    if DOCUMENT_BYTES.is_exceeded_by(bytes.len() as u64) {
        return Err(Broken::new(format!("it is larger than {DOCUMENT_BYTES}")));
    }
    Ok(bytes)
}

impl Wire for u64 {
    fn put(&self, out: &mut Vec<u8>) {
        let mut rest = *self;
        while rest >= 0x80 {
            out.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        out.push(rest as u8);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = from.byte()?;
            let bits = Self::from(byte & 0x7f);
            if (bits << shift) >> shift != bits || (byte == 0 && shift > 0) {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Broken::new("a number is not spelt as it should be"))
    }
}

impl Wire for i64 {
    fn put(&self, out: &mut Vec<u8>) {
        ((*self << 1) ^ (*self >> 63)).cast_unsigned().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let zigzag = u64::take(from)?;
        Ok((zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed()))
    }
}

impl Wire for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Broken::new(format!("{other} is neither yes nor no"))),
        }
    }
}

impl Wire for String {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u64).put(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let length = from.count()?;
        let bytes = from.bytes(length)?.to_vec();
        Self::from_utf8(bytes).map_err(|_| Broken::new("a text is not UTF-8"))
    }
}

impl Wire for base::Digest {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let bytes = from.bytes(32)?;
        Ok(Self(bytes.try_into().expect("32 bytes were taken")))
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        bool::take(from)?.then(|| T::take(from)).transpose()
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        (self.len() as u64).put(out);
        self.iter().for_each(|each| each.put(out));
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let count = from.count()?;
        (0..count).map(|_| T::take(from)).collect()
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Ok((A::take(from)?, B::take(from)?))
    }
}

/// Unsigned numbers that are smaller than the spelling allows.
macro_rules! small_numbers {
    ($($number:ty),*) => {$(
        impl Wire for $number {
            fn put(&self, out: &mut Vec<u8>) {
                u64::from(*self).put(out);
            }

            fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
                Self::try_from(u64::take(from)?).map_err(|_| Broken::new("a number is too large"))
            }
        }
    )*};
}
small_numbers!(u8, u16, u32);

/// Fields in the order they are written. A field of the type that is not named here does not compile, so none is forgotten.
macro_rules! fields {
    ($kind:path { $($field:ident),* $(,)? }) => {
        impl $crate::wire::Wire for $kind {
            fn put(&self, out: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($crate::wire::Wire::put($field, out);)*
            }

            fn take(from: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Broken> {
                $(let $field = $crate::wire::Wire::take(from)?;)*
                Ok(Self { $($field),* })
            }
        }
    };
}

/// The byte of each choice. A choice of the type that is not named here does not compile.
macro_rules! choices {
    ($kind:path { $($choice:ident = $byte:literal),* $(,)? }) => {
        impl $crate::wire::Wire for $kind {
            fn put(&self, out: &mut Vec<u8>) {
                let byte: u8 = match self { $(Self::$choice => $byte),* };
                byte.put(out);
            }

            fn take(from: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Broken> {
                match u8::take(from)? {
                    $($byte => Ok(Self::$choice),)*
                    other => Err($crate::wire::Broken(format!("{other} is no choice of {}", stringify!($kind)))),
                }
            }
        }
    };
}
pub(crate) use {choices, fields};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_they_are_written(unsigned: u64, signed: i64, small: u16) {
            let value = ((unsigned, signed), (small, vec![Some(true), None]));
            prop_assert_eq!(decode(1, &encode(1, &value)), Ok(value));
        }

        #[test]
        fn a_document_has_one_spelling(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = decode::<Vec<(u64, (i64, Option<String>))>>(1, &bytes) {
                prop_assert_eq!(encode(1, &value), bytes);
            }
        }
    }

    fn check(bytes: &[u8], expected: &str) {
        let got = decode::<Vec<String>>(1, bytes).unwrap_err();
        assert!(got.0.contains(expected), "{got:?}");
    }

    #[test]
    fn what_is_no_document_is_explained() {
        check(&[], "breaks off");
        check(&[2, 0], "version is 2");
        check(&[1, 0xff, 0xff, 0xff, 0xff, 0x0f], "announced");
        check(&[1, 1, 5, b'a'], "announced");
        check(&[1, 0, 0], "left over");
        check(&[1, 0x80, 0], "not spelt");
        check(&[1, 1, 1, 0xff], "UTF-8");
    }

    #[test]
    fn what_was_packed_is_unpacked_and_other_bytes_are_explained() {
        let text = b"the same, the same, the same".repeat(100);
        let packed = pack(&text);
        assert!(packed.len() < text.len() / 10);
        assert_eq!(unpack(&packed), Ok(text));
        assert!(unpack(&packed[..packed.len() / 2]).is_err());
        assert!(unpack(b"nonsense").is_err());
    }
}
