//! What goes wrong with a store, told for the one who has to do something about it.

use base::Limit;

/// A store did not do what it was asked to; nothing of the transaction is kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file or database is something else.
    #[error("{place} is not a Daywatch store: {why}")]
    NotAStore {
        /// The file, or the server and database.
        place: String,
        /// What was found.
        why: String,
    },
    /// A newer program has written it.
    #[error(
        "{place} was written by a newer Daywatch: it is at migration {found}, this program knows {known}"
    )]
    Newer {
        /// The file, or the server and database.
        place: String,
        /// The newest migration in it.
        found: i64,
        /// The newest this program has.
        known: i64,
    },
    /// Another process writes and did not end in time.
    #[error("{place} is locked by another process, and stayed so for {waited_seconds} seconds")]
    Locked {
        /// The file, or the server and database.
        place: String,
        /// How long was waited.
        waited_seconds: u64,
    },
    /// No room.
    #[error("the disk of {place} is full")]
    Full {
        /// The file, or the server and database.
        place: String,
    },
    /// It cannot be opened or reached.
    #[error("{place} cannot be opened: {why}")]
    Unreachable {
        /// The file, or the server and database.
        place: String,
        /// What the system says.
        why: String,
        /// What may help.
        hint: &'static str,
    },
    /// The connection broke while a commit was under way: it may be stored or not.
    #[error("the connection to {place} broke during a commit: {why}")]
    Uncertain {
        /// The server and database.
        place: String,
        /// What the driver says.
        why: String,
    },
    /// What is stored is not what was written.
    #[error("{place} is damaged: {what}")]
    Damaged {
        /// The table and row.
        place: String,
        /// What is wrong with it.
        what: String,
    },
    /// A bound was reached.
    #[error("{what} is too large ({size}, limit {limit})")]
    TooLarge {
        /// What was to be stored.
        what: String,
        /// How large it is.
        size: u64,
        /// The bound.
        limit: Limit,
    },
    /// What was asked contradicts what is stored, or the caller gave the transaction up.
    #[error("{0}")]
    Refused(String),
    /// The database says no for a reason of its own.
    #[error("{place}: {why}")]
    Database {
        /// The file, or the server and database.
        place: String,
        /// What it says.
        why: String,
    },
}

impl StoreError {
    /// What the user can do, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotAStore { .. } => "name another file, or an empty database",
            Self::Newer { .. } => {
                "use the newer program, or restore a backup made before the upgrade (`daywatch admin restore`)"
            }
            Self::Locked { .. } => "wait for the other command to end, then run this one again",
            Self::Full { .. } => "make room and run the command again; nothing was lost",
            Self::Unreachable { hint, .. } => hint,
            Self::Uncertain { .. } => "look whether it is there before doing it again",
            Self::Damaged { .. } => {
                "check the disk, then restore a backup (`daywatch admin restore`)"
            }
            Self::TooLarge { .. } | Self::Refused(_) | Self::Database { .. } => return None,
        })
    }

    pub(crate) fn damaged(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Damaged {
            place: place.into(),
            what: what.into(),
        }
    }

    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

/// What a store gives back.
pub type Result<T> = std::result::Result<T, StoreError>;
