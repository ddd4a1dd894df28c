//! What can go wrong for a reader of files, and what to try.

use std::fmt;
use std::io;
use std::path::Path;

use base::{Limit, Note};

use crate::name::shown;

/// A file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is nothing at this path.
    #[error("{path}: no such file or directory")]
    Missing {
        /// The path, as it may be shown.
        path: String,
    },
    /// The file may not be read by this user.
    #[error("{path}: permission denied")]
    Denied {
        /// The path, as it may be shown.
        path: String,
    },
    /// A directory, device, socket or named pipe where a file was expected.
    #[error("{path}: not a regular file but {what}")]
    NotAFile {
        /// The path, as it may be shown.
        path: String,
        /// What it is: `a directory`, `a named pipe`.
        what: &'static str,
    },
    /// The file, or what it decompresses to, is over a limit.
    #[error("{path}: too large (limit {limit})")]
    TooLarge {
        /// The path, as it may be shown.
        path: String,
        /// The limit it is over.
        limit: Limit,
    },
    /// The file starts as an archive or compressed stream and does not go on as one.
    #[error("{path}: broken archive or compressed data: {why}")]
    Broken {
        /// The path, as it may be shown.
        path: String,
        /// What the decompressor says.
        why: String,
    },
    /// A part of an image is not what its digest says.
    #[error("{path}: {what} does not have the digest it is listed with: {found}, not {stated}")]
    Digest {
        /// The image, as it may be shown.
        path: String,
        /// The part.
        what: String,
        /// The digest it is listed with.
        stated: String,
        /// The digest it has.
        found: String,
    },
    /// There are images, and none for the platform asked for.
    #[error("{path}: no image for {wanted}; there are: {there}")]
    NoPlatform {
        /// The image, as it may be shown.
        path: String,
        /// What was asked for.
        wanted: String,
        /// What there is.
        there: String,
    },
    /// Anything else the operating system reports.
    #[error("{path}: {cause}")]
    Io {
        /// The path, as it may be shown.
        path: String,
        /// What the operating system says.
        #[source]
        cause: io::Error,
    },
}

impl ReadError {
    /// The file it is about.
    pub fn path(&self) -> &str {
        match self {
            Self::Missing { path }
            | Self::Denied { path }
            | Self::NotAFile { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Broken { path, .. }
            | Self::Digest { path, .. }
            | Self::NoPlatform { path, .. }
            | Self::Io { path, .. } => path,
        }
    }

    /// What the user may try.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "check the spelling and the current directory",
            Self::Denied { .. } => "run as a user that may read it, or copy it first",
            Self::NotAFile { .. } => "name a file, or pipe the data in and name `-`",
            Self::TooLarge { .. } => {
                "split the file, or raise the limit if you trust where it comes from"
            }
            Self::Broken { .. } => {
                "fetch it again, or decompress it by hand to see where it breaks"
            }
            Self::Digest { .. } => {
                "it was changed or cut off after it was made: fetch or save it again"
            }
            Self::NoPlatform { .. } => "name one of them with `--platform`",
            Self::Io { .. } => "try again; if it stays, check the disk",
        }
    }

    /// The same as a note on the file.
    pub fn to_note(&self) -> Note {
        let what = self.to_string();
        let what = what
            .strip_prefix(self.path())
            .and_then(|rest| rest.strip_prefix(": "))
            .unwrap_or(&what);
        let note = Note::error(what).in_file(self.path());
        match self {
            // The limit has its own place in a note.
            Self::TooLarge { limit, .. } => Note {
                what: "too large".to_owned(),
                ..note
            }
            .because_of(*limit),
            _ => note,
        }
    }

    /// From what reading gave, which may be one of our own limits in disguise.
    pub(crate) fn from_io(path: &Path, cause: io::Error) -> Self {
        Self::from_io_at(shown(path), cause)
    }

    pub(crate) fn from_io_at(path: String, cause: io::Error) -> Self {
        if let Some(Exceeded(limit)) = cause.get_ref().and_then(|inner| inner.downcast_ref()) {
            return Self::TooLarge {
                path,
                limit: *limit,
            };
        }
        match cause.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::PermissionDenied => Self::Denied { path },
            io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::UnexpectedEof => Self::Broken {
                path,
                why: cause.to_string(),
            },
            _ => Self::Io { path, cause },
        }
    }
}

/// A limit reached inside an [`io::Read`].
#[derive(Debug)]
pub(crate) struct Exceeded(pub(crate) Limit);

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "over the limit {}", self.0)
    }
}

impl std::error::Error for Exceeded {}

impl From<Exceeded> for io::Error {
    fn from(exceeded: Exceeded) -> Self {
        Self::other(exceeded)
    }
}
