//! Sessions of browsers: opened by a sign-in, known again by their cookie, ended by time or by somebody.

use jiff::{SignedDuration, Timestamp};
use store::accounts::{self, AccountId};
use store::sessions::{self, Session};
use store::{Store, Tx};

use crate::accounts::caller::{Caller, Sight, Way};
use crate::accounts::guard::shut;
use crate::accounts::role::roles;
use crate::accounts::secret::{For, Secret, digest_of};
use crate::error::Result;

/// Unused for longer, a session ends (PCI DSS v4.0.1, 8.2.8).
pub const IDLE: SignedDuration = SignedDuration::from_mins(15);
/// However it is used, it ends then: a day's work.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(12);
/// A use is noted once in so long, so that reading a page is no write.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Opens a session, in the transaction of the sign-in.
pub(super) fn open(
    tx: &Tx<'_>,
    account: AccountId,
    factors: &str,
    client: &str,
    secret: &Secret,
    now: Timestamp,
) -> store::Result<()> {
    sessions::forget_ended(tx, now)?;
    let client: String = client
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    sessions::open(
        tx,
        &Session {
            digest: secret.digest(),
            account,
            factors: factors.to_owned(),
            client,
            created: now,
            seen: now,
            ends: now + LONGEST,
        },
    )
}

/// Who has the cookie of a session that has not ended.
pub fn caller(store: &Store, cookie: &str, now: Timestamp) -> Result<Option<Caller>> {
    let Some(digest) = digest_of(For::Session, cookie) else {
        return Ok(None);
    };
    let found = store.read(|tx| {
        let Some(session) = sessions::get(tx, digest)? else {
            return Ok(None);
        };
        let account = accounts::get(tx, session.account)?;
        Ok(account.map(|account| (session, account)))
    })?;
    let Some((session, account)) = found else {
        return Ok(None);
    };
    let is_over = session.ends <= now || now.duration_since(session.seen) > IDLE;
    if is_over || shut(&account, now).is_some() {
        store.write(|tx| sessions::end(tx, digest))?;
        return Ok(None);
    }
    if now.duration_since(session.seen) >= NOTED_EVERY {
        store.write(|tx| sessions::touch(tx, digest, now))?;
    }
    Ok(Some(Caller {
        account: account.id,
        person: account.person,
        roles: roles(&account.roles)?,
        sight: Sight::from_lines(account.owners.as_deref()),
        login: account.login,
        way: Way::Session,
    }))
}

/// Ends the session of a cookie.
pub fn end(store: &Store, cookie: &str) -> Result<()> {
    if let Some(digest) = digest_of(For::Session, cookie) {
        store.write(|tx| sessions::end(tx, digest))?;
    }
    Ok(())
}
