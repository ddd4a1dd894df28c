//! Opening what a user named without ever waiting on it: regular files, and pipes that are already open.

use std::fs::{File, Metadata};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use crate::error::ReadError;
use crate::name::shown;

/// Something to read that can be read from several places at once.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A regular file, read by position.
    File(Positioned),
    /// What came through a pipe.
    Bytes(Cursor<Arc<[u8]>>),
}

impl Source {
    /// What a pipe gave.
    pub(crate) fn of_bytes(bytes: Arc<[u8]>) -> Self {
        Self::Bytes(Cursor::new(bytes))
    }
}

impl Read for Source {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buf),
            Self::Bytes(bytes) => bytes.read(buf),
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Bytes(bytes) => bytes.seek(to),
        }
    }
}

/// A regular file and a position of its own: clones share the handle and nothing else.
#[derive(Clone, Debug)]
pub(crate) struct Positioned {
    file: Arc<File>,
    position: u64,
    len: u64,
}

impl Read for Positioned {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, buf, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Positioned {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
            SeekFrom::End(delta) => self.len.checked_add_signed(delta),
        };
        self.position = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buf, offset)
}

/// Whether a path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// A regular file, following links. Anything else is refused before it is opened, because opening a pipe waits.
pub(crate) fn regular(path: &Path) -> Result<(Source, u64), ReadError> {
    let fail = |cause| ReadError::from_io(path, cause);
    refuse_special(path, &std::fs::metadata(path).map_err(fail)?)?;
    let file = File::open(path).map_err(fail)?;
    // Looked at again: it may have been replaced in between.
    let metadata = file.metadata().map_err(fail)?;
    refuse_special(path, &metadata)?;
    let (file, position, len) = (Arc::new(file), 0, metadata.len());
    Ok((
        Source::File(Positioned {
            file,
            position,
            len,
        }),
        len,
    ))
}

fn refuse_special(path: &Path, metadata: &Metadata) -> Result<(), ReadError> {
    if metadata.is_file() {
        return Ok(());
    }
    let path = shown(path);
    Err(ReadError::NotAFile {
        path,
        what: kind(metadata),
    })
}

#[cfg(unix)]
fn kind(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    let ty = metadata.file_type();
    if ty.is_dir() {
        "a directory"
    } else if ty.is_fifo() {
        "a named pipe"
    } else if ty.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn kind(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() {
        "a directory"
    } else {
        "a device"
    }
}

/// A pipe this process was started with (`<(command)` in a shell, or `/dev/stdin`): open already, so opening it again does
/// not wait.
#[cfg(unix)]
pub(crate) fn is_inherited_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    let is_inherited = path.starts_with("/dev/fd") || path == Path::new("/dev/stdin");
    is_inherited && std::fs::metadata(path).is_ok_and(|m| m.file_type().is_fifo())
}

#[cfg(not(unix))]
pub(crate) fn is_inherited_pipe(_: &Path) -> bool {
    false
}
