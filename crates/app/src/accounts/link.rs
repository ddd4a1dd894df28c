//! Links that work once. The secret is in the link, the store has its digest.

use jiff::{SignedDuration, Timestamp};
use store::accounts::AccountId;
use store::links::{self, Link};
use store::{Store, Tx};

use crate::accounts::secret::{For, Secret, digest_of};
use crate::error::{Failure, Result};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To make the first account.
    SetUp,
    /// To choose the password of an account.
    Password,
}

impl Purpose {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "set-up",
            Self::Password => "password",
        }
    }

    const fn lasts(self) -> SignedDuration {
        match self {
            Self::SetUp => SignedDuration::from_hours(24),
            Self::Password => SignedDuration::from_hours(48),
        }
    }
}

/// Makes a link, in the transaction of what it is for.
pub(super) fn make(
    tx: &Tx<'_>,
    purpose: Purpose,
    account: Option<AccountId>,
    secret: &Secret,
    now: Timestamp,
) -> store::Result<()> {
    links::add(
        tx,
        &Link {
            digest: secret.digest(),
            purpose: purpose.as_str().to_owned(),
            account,
            created: now,
            ends: now + purpose.lasts(),
            used: None,
        },
    )
}

/// Whose account a link is about, if it works for this purpose now. Nothing is used up.
pub fn look(
    store: &Store,
    purpose: Purpose,
    secret: &str,
    now: Timestamp,
) -> Result<Option<AccountId>> {
    let digest = digest_of(For::Link, secret).ok_or_else(useless)?;
    let link = store.read(|tx| links::get(tx, digest))?;
    let works =
        |link: &Link| link.purpose == purpose.as_str() && link.used.is_none() && link.ends >= now;
    link.filter(works)
        .map(|link| link.account)
        .ok_or_else(useless)
}

/// Uses a link up, in the transaction of what it is for.
pub(super) fn take(tx: &Tx<'_>, secret: &str, now: Timestamp) -> store::Result<()> {
    let taken = match digest_of(For::Link, secret) {
        Some(digest) => links::take(tx, digest, now)?,
        None => false,
    };
    match taken {
        true => Ok(()),
        false => Err(store::StoreError::Refused(useless().message)),
    }
}

fn useless() -> Failure {
    Failure::usage("this link was used, has ended, or never was one")
        .hint("ask an administrator for a new one: daywatch admin user link LOGIN")
}
