//! The members of a tar stream, in order and in bounded memory: ustar and pax (POSIX.1-2017, `pax`), GNU long names
//! (tar(5)). Fields are decoded by the `tar` crate; the loop is ours, because that crate keeps a long name of any size in
//! memory and cannot tell where in the stream a member's bytes are.

use std::io::{self, Read, Seek, SeekFrom};

use tar::Header;

use crate::error::Exceeded;
use crate::limits::TAR_HEADER_BYTES;

const BLOCK: u64 = 512;

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    Folder,
    File,
    /// A file stored with holes: its bytes in the stream are not its content.
    Sparse,
    Symlink,
    Hardlink,
    /// A device, a pipe, or what only some other program knows.
    Other,
}

/// One member, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// As written: not yet cleaned.
    pub(crate) path: Vec<u8>,
    pub(crate) kind: MemberKind,
    /// How many bytes follow in the stream.
    pub(crate) size: u64,
    /// What a link leads to; else empty.
    pub(crate) link: Vec<u8>,
    /// Its place among the members, from 0.
    pub(crate) ordinal: u64,
    /// Where its bytes begin in the stream.
    pub(crate) offset: u64,
}

/// Reads the headers and lets the bytes of the last member be read as a stream.
pub(crate) struct Tarball<R> {
    inner: R,
    skip: fn(&mut R, u64) -> io::Result<()>,
    position: u64,
    /// Bytes of the current member not yet read, and the padding behind them.
    left: u64,
    padding: u64,
    ordinal: u64,
}

/// What extended headers say of the member that follows them.
#[derive(Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

/// Whether bytes that begin like this are a tar stream: a header whose checksum holds.
pub(crate) fn is_tar(head: &[u8]) -> bool {
    head.first_chunk::<512>()
        .is_some_and(|block| header(block).is_ok_and(|header| !is_zero(header.as_bytes())))
}

/// How many bytes [`is_tar`] looks at.
pub(crate) const MAGIC_BYTES: u64 = BLOCK;

impl<R: Read> Tarball<R> {
    /// Over a stream, where passing over means reading.
    pub(crate) fn streamed(inner: R) -> Self {
        Self::new(inner, |inner, bytes| {
            let passed = io::copy(&mut inner.take(bytes), &mut io::sink())?;
            if passed < bytes {
                Err(cut_off())
            } else {
                Ok(())
            }
        })
    }

    fn new(inner: R, skip: fn(&mut R, u64) -> io::Result<()>) -> Self {
        Self {
            inner,
            skip,
            position: 0,
            left: 0,
            padding: 0,
            ordinal: 0,
        }
    }

    /// The next member; `None` at the end. After an error the rest of the stream means nothing.
    pub(crate) fn next_member(&mut self) -> io::Result<Option<Member>> {
        let mut extended = Extended::default();
        loop {
            self.pass(self.left + self.padding)?;
            let Some(block) = self.block()? else {
                return Ok(None);
            };
            if is_zero(&block) {
                // Two blocks of zeros are the end; a lone one is passed over, as GNU tar does.
                match self.block()? {
                    Some(second) if !is_zero(&second) => {
                        let header = header(&second)?;
                        if let Some(member) = self.member_of(header, &mut extended)? {
                            return Ok(Some(member));
                        }
                        continue;
                    }
                    _ => return Ok(None),
                }
            }
            let header = header(&block)?;
            if let Some(member) = self.member_of(header, &mut extended)? {
                return Ok(Some(member));
            }
        }
    }

    /// A member, or `None` if the header was only about the one that follows.
    fn member_of(
        &mut self,
        header: &Header,
        extended: &mut Extended,
    ) -> io::Result<Option<Member>> {
        let size = header.entry_size().map_err(broken)?;
        let kind = header.entry_type();
        if kind.is_gnu_longname() {
            extended.path = Some(until_zero(self.header_bytes(size)?));
        } else if kind.is_gnu_longlink() {
            extended.link = Some(until_zero(self.header_bytes(size)?));
        } else if kind.is_pax_local_extensions() {
            let records = self.header_bytes(size)?;
            extended.take_pax(&records)?;
        } else if kind.is_pax_global_extensions() {
            self.expect(size)?;
        } else {
            return self
                .described(header, size, std::mem::take(extended))
                .map(Some);
        }
        Ok(None)
    }

    fn described(&mut self, header: &Header, size: u64, extended: Extended) -> io::Result<Member> {
        let ty = header.entry_type();
        if ty.is_gnu_sparse() {
            self.pass_sparse_map(header)?;
        }
        let path = extended
            .path
            .unwrap_or_else(|| header.path_bytes().into_owned());
        let kind = if ty.is_symlink() {
            MemberKind::Symlink
        } else if ty.is_hard_link() {
            MemberKind::Hardlink
        } else if ty.is_dir() || (ty.is_file() && path.ends_with(b"/")) {
            // Before POSIX.1-1988 a directory was a file whose name ends in a slash.
            MemberKind::Folder
        } else if ty.is_gnu_sparse() || (ty.is_file() && extended.sparse) {
            MemberKind::Sparse
        } else if ty.is_file() || ty.is_contiguous() {
            MemberKind::File
        } else {
            MemberKind::Other
        };
        let has_bytes = matches!(kind, MemberKind::File | MemberKind::Sparse)
            || (kind == MemberKind::Other && !is_special(ty));
        let size = if has_bytes {
            extended.size.unwrap_or(size)
        } else {
            0
        };
        let link = extended
            .link
            .or_else(|| header.link_name_bytes().map(Into::into));
        self.expect(size)?;
        let ordinal = self.ordinal;
        self.ordinal += 1;
        Ok(Member {
            path,
            kind,
            size,
            link: link.unwrap_or_default(),
            ordinal,
            offset: self.position,
        })
    }

    /// The blocks behind an old GNU sparse header that list more of its map.
    fn pass_sparse_map(&mut self, header: &Header) -> io::Result<()> {
        const IS_EXTENDED: usize = 504;
        let mut more = header.as_gnu().is_some_and(|gnu| gnu.is_extended());
        let mut read = 0;
        while more {
            read += BLOCK;
            if TAR_HEADER_BYTES.is_exceeded_by(read) {
                return Err(Exceeded(TAR_HEADER_BYTES).into());
            }
            more = self.block()?.ok_or_else(cut_off)?[IS_EXTENDED] != 0;
        }
        Ok(())
    }

    /// The bytes of an extended header.
    fn header_bytes(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if TAR_HEADER_BYTES.is_exceeded_by(size) {
            return Err(Exceeded(TAR_HEADER_BYTES).into());
        }
        self.expect(size)?;
        let mut bytes = Vec::new();
        self.by_ref().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn expect(&mut self, size: u64) -> io::Result<()> {
        self.padding = (BLOCK - size % BLOCK) % BLOCK;
        self.left = size;
        match size
            .checked_add(self.padding)
            .and_then(|n| n.checked_add(self.position))
        {
            Some(_) => Ok(()),
            None => Err(broken("a member larger than any file")),
        }
    }

    fn pass(&mut self, bytes: u64) -> io::Result<()> {
        if bytes > 0 {
            (self.skip)(&mut self.inner, bytes)?;
            self.position += bytes;
        }
        (self.left, self.padding) = (0, 0);
        Ok(())
    }

    /// One block; `None` where the stream ends before it.
    fn block(&mut self) -> io::Result<Option<[u8; 512]>> {
        let mut block = [0; 512];
        let mut filled = 0;
        while filled < block.len() {
            match self.inner.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(cut_off()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.position += BLOCK;
        Ok(Some(block))
    }
}

impl<R: Read + Seek> Tarball<R> {
    /// Over a file that is not compressed, where passing over costs nothing.
    pub(crate) fn seeking(inner: R) -> Self {
        Self::new(inner, |inner, bytes| {
            let here = inner.stream_position()?;
            let end = inner.seek(SeekFrom::End(0))?;
            let there = here.checked_add(bytes).filter(|there| *there <= end);
            inner.seek(SeekFrom::Start(there.ok_or_else(cut_off)?))?;
            Ok(())
        })
    }
}

/// The bytes of the last member.
impl<R: Read> Read for Tarball<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(buf.len(), |left| left.min(buf.len()));
        let read = self.inner.read(&mut buf[..most])?;
        if read == 0 && most > 0 {
            return Err(cut_off());
        }
        self.left -= read as u64;
        self.position += read as u64;
        Ok(read)
    }
}

impl Extended {
    /// The records of a pax header: `25 path=usr/bin/daywatch\n`, the length being that of the whole record.
    fn take_pax(&mut self, mut records: &[u8]) -> io::Result<()> {
        let malformed = || broken("a pax record that is none");
        while !records.is_empty() && records[0] != 0 {
            let space = records
                .iter()
                .position(|b| *b == b' ')
                .ok_or_else(malformed)?;
            let len = std::str::from_utf8(&records[..space]).ok();
            let len: usize = len.and_then(|l| l.parse().ok()).ok_or_else(malformed)?;
            let record = records.get(space + 1..len).ok_or_else(malformed)?;
            let record = record.strip_suffix(b"\n").ok_or_else(malformed)?;
            let equals = record
                .iter()
                .position(|b| *b == b'=')
                .ok_or_else(malformed)?;
            self.take_record(&record[..equals], &record[equals + 1..])?;
            records = &records[len..];
        }
        Ok(())
    }

    fn take_record(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        match key {
            b"path" if !self.sparse => self.path = Some(value.to_vec()),
            b"linkpath" => self.link = Some(value.to_vec()),
            b"size" => {
                let size = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
                self.size = Some(size.ok_or_else(|| broken("a pax size that is no number"))?);
            }
            b"GNU.sparse.name" => {
                self.sparse = true;
                self.path = Some(value.to_vec());
            }
            key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
            _ => {}
        }
        Ok(())
    }
}

/// A header, if its checksum holds.
fn header(block: &[u8; 512]) -> io::Result<&Header> {
    let header = Header::from_byte_slice(block);
    // The field itself counts as spaces (POSIX.1-2017, pax, "ustar Interchange Format").
    let sum = |from: &[u8]| from.iter().map(|b| u32::from(*b)).sum::<u32>();
    let computed = sum(&block[..148]) + 8 * 32 + sum(&block[156..]);
    match header.cksum() {
        Ok(stated) if stated == computed => Ok(header),
        _ => Err(broken("a tar header whose checksum is wrong")),
    }
}

fn is_special(ty: tar::EntryType) -> bool {
    ty.is_character_special() || ty.is_block_special() || ty.is_fifo()
}

fn is_zero(block: &[u8; 512]) -> bool {
    block.iter().all(|b| *b == 0)
}

fn until_zero(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(end) = bytes.iter().position(|b| *b == 0) {
        bytes.truncate(end);
    }
    bytes
}

fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the archive is cut off")
}

fn broken(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    type Listed = Vec<(String, MemberKind, String)>;

    fn list(bytes: &[u8]) -> io::Result<Listed> {
        let mut streamed = Tarball::streamed(bytes);
        let mut sought = Tarball::seeking(Cursor::new(bytes));
        let mut listed = Vec::new();
        while let Some(member) = streamed.next_member()? {
            assert_eq!(sought.next_member()?, Some(member.clone()));
            let mut content = String::new();
            streamed.read_to_string(&mut content)?;
            assert_eq!(
                &bytes[usize::try_from(member.offset).unwrap()..][..content.len()],
                content.as_bytes()
            );
            let text = if member.link.is_empty() {
                content
            } else {
                String::from_utf8(member.link).unwrap()
            };
            listed.push((String::from_utf8(member.path).unwrap(), member.kind, text));
        }
        Ok(listed)
    }

    fn put(builder: &mut tar::Builder<Vec<u8>>, path: &str, text: &str) {
        let mut header = Header::new_gnu();
        header.set_size(text.len() as u64);
        builder
            .append_data(&mut header, path, text.as_bytes())
            .unwrap();
    }

    #[test]
    fn names_that_do_not_fit_and_links_are_read() {
        let long = "d/".repeat(80) + "file";
        let mut builder = tar::Builder::new(Vec::new());
        put(&mut builder, "a", "one");
        put(&mut builder, &long, "two");
        builder
            .append_pax_extensions([("path", "p\nq".as_bytes()), ("comment", b"")])
            .unwrap();
        put(&mut builder, "b", "");
        let mut link = Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        builder.append_link(&mut link, "l", &long).unwrap();
        let bytes = builder.into_inner().unwrap();
        assert_eq!(
            list(&bytes).unwrap(),
            [
                ("a".to_owned(), MemberKind::File, "one".to_owned()),
                (long.clone(), MemberKind::File, "two".to_owned()),
                ("p\nq".to_owned(), MemberKind::File, String::new()),
                ("l".to_owned(), MemberKind::Symlink, long),
            ]
        );
    }

    #[test]
    fn what_is_cut_off_is_an_error_and_a_missing_end_is_not() {
        let mut builder = tar::Builder::new(Vec::new());
        put(&mut builder, "a", "one");
        put(&mut builder, "b", &"x".repeat(600));
        let bytes = builder.into_inner().unwrap();
        let check = |len: usize, members: Option<usize>| {
            assert_eq!(list(&bytes[..len]).ok().map(|l| l.len()), members, "{len}");
        };
        check(bytes.len(), Some(2));
        check(512 + 512 + 512 + 1024, Some(2));
        check(512 + 512, Some(1));
        check(512 + 512 + 512 + 600, None);
        check(700, None);
        check(0, Some(0));
    }

    #[test]
    fn a_long_name_over_the_limit_is_refused_before_it_is_read() {
        let mut header = Header::new_gnu();
        header.set_entry_type(tar::EntryType::GNULongName);
        header.set_size(u64::MAX / 2);
        header.set_cksum();
        let error = list(header.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("tar-header-bytes"), "{error}");
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(u64::MAX);
        header.set_cksum();
        assert!(list(header.as_bytes()).is_err());
    }
}
