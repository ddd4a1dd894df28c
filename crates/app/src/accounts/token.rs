//! Tokens of programs: shown once, kept as digests, no more allowed than their account, ended by a date.

use jiff::{SignedDuration, Timestamp};
use store::Store;
use store::accounts::{self, Account};
use store::log::Actor;
pub use store::tokens::Token;
use store::tokens::{self, NewToken, TokenId};

use crate::accounts::caller::{Caller, Sight, Way};
use crate::accounts::people;
use crate::accounts::recorded::record;
use crate::accounts::role::{Role, roles, words};
use crate::accounts::secret::{For, Secret, digest_of};
use crate::error::{Failure, Result};

/// The longest a token may last.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);
/// A use is noted once in so long.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// A token that is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whose, by login.
    pub login: String,
    /// What it is for.
    pub name: String,
    /// What it may; of its account's roles.
    pub roles: Vec<Role>,
    /// Which hosts it sees; at most those its account does.
    pub sight: Sight,
    /// For how long.
    pub lasts: SignedDuration,
}

/// Makes a token; its secret is shown this once.
pub fn make(
    store: &Store,
    wanted: &Wanted,
    by: Actor<'_>,
    now: Timestamp,
) -> Result<(TokenId, Secret)> {
    let account = people::named(store, &wanted.login)?;
    refuse(&account, wanted)?;
    let secret = Secret::fresh(For::Token)?;
    let (roles, owners) = (words(&wanted.roles), wanted.sight.to_lines());
    let id = store.write(|tx| {
        let new = NewToken {
            digest: secret.digest(),
            account: account.id,
            name: &wanted.name,
            roles: &roles,
            owners: owners.as_deref(),
            created: now,
            ends: now + wanted.lasts,
        };
        let id = tokens::add(tx, &new)?;
        record(tx, now, by, account.id, &format!("token {} made", id.0))?;
        Ok(id)
    })?;
    Ok((id, secret))
}

fn refuse(account: &Account, wanted: &Wanted) -> Result<()> {
    let has = roles(&account.roles)?;
    if let Some(more) = wanted.roles.iter().find(|role| !has.contains(role)) {
        return Err(Failure::usage(format!(
            "{} is not {}, so no token of theirs can be",
            account.login,
            more.as_str()
        )));
    }
    if wanted.roles.is_empty() || wanted.name.trim().is_empty() {
        return Err(Failure::usage("a token has a name and at least one role"));
    }
    if !wanted.lasts.is_positive() || wanted.lasts > LONGEST {
        return Err(Failure::usage("a token lasts between a moment and a year"));
    }
    Ok(())
}

/// Who has this token, if it holds.
pub fn caller(store: &Store, shown: &str, now: Timestamp) -> Result<Option<Caller>> {
    let Some(digest) = digest_of(For::Token, shown) else {
        return Ok(None);
    };
    let found = store.read(|tx| {
        let Some(token) = tokens::by_secret(tx, digest)? else {
            return Ok(None);
        };
        let account = accounts::get(tx, token.account)?;
        Ok(account.map(|account| (token, account)))
    })?;
    let Some((token, account)) = found else {
        return Ok(None);
    };
    if token.revoked.is_some() || token.ends <= now || account.is_disabled {
        return Ok(None);
    }
    if token
        .last_used
        .is_none_or(|last| now.duration_since(last) >= NOTED_EVERY)
    {
        store.write(|tx| tokens::touch(tx, token.id, now))?;
    }
    Ok(Some(as_caller(&token, account)?))
}

/// What the token may and its account still may.
fn as_caller(token: &Token, account: Account) -> Result<Caller> {
    let still = roles(&account.roles)?;
    let mut may = roles(&token.roles)?;
    may.retain(|role| still.contains(role));
    let of_account = Sight::from_lines(account.owners.as_deref());
    Ok(Caller {
        account: account.id,
        person: account.person,
        login: account.login,
        roles: may,
        sight: Sight::from_lines(token.owners.as_deref()).within(&of_account),
        way: Way::Token,
    })
}

/// Every token, revoked ones too.
pub fn all(store: &Store) -> Result<Vec<Token>> {
    store.read(tokens::all).map_err(Failure::from)
}

/// Takes a token back, at once.
pub fn revoke(store: &Store, number: u32, by: Actor<'_>, now: Timestamp) -> Result<()> {
    let id = TokenId(number);
    let of = all(store)?.into_iter().find(|token| token.id == id);
    let of = of.ok_or_else(|| Failure::usage(format!("there is no token {}", id.0)))?;
    store.write(|tx| {
        tokens::revoke(tx, id, now)?;
        record(
            tx,
            now,
            by,
            of.account,
            &format!("token {} taken back", id.0),
        )
    })?;
    Ok(())
}
