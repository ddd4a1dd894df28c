//! The accounts of a team: made, changed, locked, let in again, by who may.

use jiff::Timestamp;
use store::accounts::{self, Account, AccountId, NewAccount};
use store::log::Actor;
use store::{Store, StoreError, Tx, people, sessions};

use crate::accounts::caller::Sight;
use crate::accounts::link::{self, Purpose};
use crate::accounts::password;
use crate::accounts::recorded::record;
use crate::accounts::role::{Role, words};
use crate::accounts::secret::{For, Secret};
use crate::error::{Failure, Result};

/// What is to be changed about an account; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Its roles.
    pub roles: Option<Vec<Role>>,
    /// Which hosts it sees.
    pub sight: Option<Sight>,
    /// Switched off, or on again.
    pub is_disabled: Option<bool>,
    /// Its rest after wrong tries is over.
    pub unlock: bool,
    /// Its second factor is forgotten.
    pub forget_totp: bool,
}

/// Makes an account, and the link with which its owner chooses a password.
pub fn invite(
    store: &Store,
    login: &str,
    roles: &[Role],
    sight: &Sight,
    by: Actor<'_>,
    now: Timestamp,
) -> Result<(AccountId, Secret)> {
    let login = checked_login(login)?;
    if roles.is_empty() {
        return Err(Failure::usage("an account needs at least one role"));
    }
    let secret = Secret::fresh(For::Link)?;
    let (roles, owners) = (words(roles), sight.to_lines());
    let id = store.write(|tx| {
        let id = accounts::add(
            tx,
            &NewAccount {
                person: people::named(tx, &login)?,
                login: &login,
                roles: &roles,
                owners: owners.as_deref(),
                created: now,
            },
        )?;
        link::make(tx, Purpose::Password, Some(id), &secret, now)?;
        record(tx, now, by, id, "made")?;
        Ok(id)
    })?;
    Ok((id, secret))
}

/// A link to choose another password with; the sessions of the account end.
pub fn password_link(store: &Store, login: &str, by: Actor<'_>, now: Timestamp) -> Result<Secret> {
    let account = named(store, login)?;
    let secret = Secret::fresh(For::Link)?;
    store.write(|tx| {
        link::make(tx, Purpose::Password, Some(account.id), &secret, now)?;
        sessions::end_all(tx, account.id)?;
        record(tx, now, by, account.id, "link for another password")
    })?;
    Ok(secret)
}

/// Chooses a password with the secret of a link.
pub fn choose_password(
    store: &Store,
    secret: &str,
    chosen: &str,
    now: Timestamp,
) -> Result<AccountId> {
    let none = || Failure::usage("this link is about no account");
    let id = link::look(store, Purpose::Password, secret, now)?.ok_or_else(none)?;
    let (account, earlier) =
        store.read(|tx| Ok((accounts::get(tx, id)?, accounts::last_passwords(tx, id)?)))?;
    let account = account.ok_or_else(none)?;
    let hashed = password::hashed(chosen, &account.login, &earlier)?;
    store.write(|tx| {
        link::take(tx, secret, now)?;
        set_password(tx, &account, &hashed, now)
    })?;
    Ok(id)
}

fn set_password(tx: &Tx<'_>, account: &Account, hashed: &str, now: Timestamp) -> store::Result<()> {
    accounts::set_password(tx, account.id, hashed, now)?;
    // Who chose a password is there: the ninety days count from now.
    let mut account = account.clone();
    (account.failures, account.locked_until) = (0, None);
    account.last_seen = Some(now);
    accounts::put(tx, &account)?;
    sessions::end_all(tx, account.id)?;
    record(
        tx,
        now,
        Actor::Person(account.person),
        account.id,
        "password chosen",
    )
}

/// Changes an account. The last administrator stays one.
pub fn change(
    store: &Store,
    login: &str,
    change: &Change,
    by: Actor<'_>,
    now: Timestamp,
) -> Result<Account> {
    let account = named(store, login)?;
    store
        .write(|tx| {
            let known = accounts::get(tx, account.id)?;
            let mut account = known.ok_or_else(|| refused("there is no such account"))?;
            let mut told = Vec::new();
            apply(&mut account, change, &mut told);
            accounts::put(tx, &account)?;
            if !accounts::all(tx)?.iter().any(runs_the_program) {
                return Err(refused("somebody must stay administrator"));
            }
            if change.roles.is_some() || change.sight.is_some() || account.is_disabled {
                // What they may is looked up when they sign in again.
                sessions::end_all(tx, account.id)?;
            }
            record(tx, now, by, account.id, &told.join(", "))?;
            Ok(account)
        })
        .map_err(Failure::from)
}

fn apply(account: &mut Account, change: &Change, told: &mut Vec<&str>) {
    if let Some(roles) = &change.roles {
        account.roles = words(roles);
        told.push("roles changed");
    }
    if let Some(sight) = &change.sight {
        account.owners = sight.to_lines();
        told.push("sight changed");
    }
    if let Some(is_disabled) = change.is_disabled {
        account.is_disabled = is_disabled;
        told.push(if is_disabled {
            "switched off"
        } else {
            "switched on"
        });
    }
    if change.unlock {
        (account.failures, account.locked_until) = (0, None);
        told.push("unlocked");
    }
    if change.forget_totp {
        account.totp = None;
        told.push("second factor forgotten");
    }
}

fn runs_the_program(account: &Account) -> bool {
    let is_admin = account
        .roles
        .split_whitespace()
        .any(|role| role == Role::Admin.as_str());
    is_admin && !account.is_disabled
}

/// Every account.
pub fn all(store: &Store) -> Result<Vec<Account>> {
    store.read(accounts::all).map_err(Failure::from)
}

/// The account of a login.
pub fn named(store: &Store, login: &str) -> Result<Account> {
    let login = login.trim().to_lowercase();
    let found = store.read(|tx| accounts::by_login(tx, &login))?;
    found.ok_or_else(|| {
        Failure::usage(format!("there is no account {login:?}"))
            .hint("`daywatch admin user list` shows which there are")
    })
}

/// A login as it is kept: lower case, of letters, digits and `.`, `-`, `_`, `@`, `+`.
pub(super) fn checked_login(login: &str) -> Result<String> {
    let login = login.trim().to_lowercase();
    let is_fine = |c: char| c.is_ascii_alphanumeric() || ".-_@+".contains(c);
    match (1..=100).contains(&login.len()) && login.chars().all(is_fine) {
        true => Ok(login),
        false => Err(Failure::usage(
            "a login has 1 to 100 letters, digits or . - _ @ +, such as a mail address",
        )),
    }
}

fn refused(why: &str) -> StoreError {
    StoreError::Refused(why.to_owned())
}
