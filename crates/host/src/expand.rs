//! Decompression by magic number, bounded by size and by ratio: gzip (RFC 1952) and Zstandard (RFC 8878).

use std::io::{self, BufReader, Cursor, Read};

use base::Limit;
use flate2::bufread::MultiGzDecoder;

use crate::error::Exceeded;
use crate::limits::{RATIO, RATIO_FLOOR};

const GZIP: &[u8] = b"\x1f\x8b";
const ZSTD: &[u8] = b"\x28\xb5\x2f\xfd";

/// How much compressed data is taken in at once.
const BUFFER: usize = 64 << 10;

/// A reader of the decompressed bytes, which fails with [`Exceeded`] as soon as a limit is passed.
pub(crate) struct Expanded<'r> {
    inner: Inner<'r>,
    limit: Limit,
    produced: u64,
}

enum Inner<'r> {
    Plain(Counted<'r>),
    Gzip(Box<MultiGzDecoder<BufReader<Counted<'r>>>>),
    Zstd(zstd::Decoder<'static, BufReader<Counted<'r>>>),
}

/// The compressed side, counted.
pub(crate) struct Counted<'r> {
    inner: Box<dyn Read + 'r>,
    consumed: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.consumed += read as u64;
        Ok(read)
    }
}

impl<'r> Expanded<'r> {
    /// Looks at the first bytes and chooses. A pipe may give even these one by one.
    pub(crate) fn new(mut raw: impl Read + 'r, limit: Limit) -> io::Result<Self> {
        let mut head = Vec::with_capacity(ZSTD.len());
        raw.by_ref()
            .take(ZSTD.len() as u64)
            .read_to_end(&mut head)?;
        let (gzip, zstd) = (head.starts_with(GZIP), head.starts_with(ZSTD));
        let counted = Counted {
            inner: Box::new(Cursor::new(head).chain(raw)),
            consumed: 0,
        };
        let inner = if gzip {
            Inner::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(
                BUFFER, counted,
            ))))
        } else if zstd {
            Inner::Zstd(zstd::Decoder::with_buffer(BufReader::with_capacity(
                BUFFER, counted,
            ))?)
        } else {
            Inner::Plain(counted)
        };
        Ok(Self {
            inner,
            limit,
            produced: 0,
        })
    }

    /// Whether the bytes come as they are stored.
    pub(crate) const fn is_plain(&self) -> bool {
        matches!(self.inner, Inner::Plain(_))
    }

    /// The bytes taken in so far, or `None` when nothing is decompressed.
    fn consumed(&self) -> Option<u64> {
        match &self.inner {
            Inner::Plain(_) => None,
            Inner::Gzip(reader) => Some(reader.get_ref().get_ref().consumed),
            Inner::Zstd(reader) => Some(reader.get_ref().get_ref().consumed),
        }
    }

    fn check(&self) -> Result<(), Exceeded> {
        if self.limit.is_exceeded_by(self.produced) {
            return Err(Exceeded(self.limit));
        }
        match self.consumed() {
            Some(consumed) => check_ratio(consumed, self.produced),
            None => Ok(()),
        }
    }
}

/// A bomb is much output from little input.
pub(crate) fn check_ratio(consumed: u64, produced: u64) -> Result<(), Exceeded> {
    let too_much = produced > RATIO_FLOOR && RATIO.is_exceeded_by(produced / consumed.max(1));
    if too_much {
        Err(Exceeded(RATIO))
    } else {
        Ok(())
    }
}

impl Read for Expanded<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.inner {
            Inner::Plain(reader) => reader.read(buf),
            Inner::Gzip(reader) => reader.read(buf),
            Inner::Zstd(reader) => reader.read(buf).map_err(as_invalid_data),
        }?;
        self.produced += read as u64;
        self.check()?;
        Ok(read)
    }
}

/// The Zstandard library reports broken data as an unknown error.
fn as_invalid_data(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::Other => io::Error::new(io::ErrorKind::InvalidData, error),
        _ => error,
    }
}

/// Everything, decompressed, with room reserved for what is expected.
pub(crate) fn read_all(raw: impl Read, limit: Limit, expected: u64) -> io::Result<Vec<u8>> {
    let mut reader = Expanded::new(raw, limit)?;
    // One byte more, so that reading the end needs no growth; never more than a declared size may claim.
    let room = expected.min(limit.max).min(RATIO_FLOOR) + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(room).unwrap_or_default());
    reader.read_to_end(&mut bytes)?;
    Ok(bytes)
}
