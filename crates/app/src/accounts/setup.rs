//! The first account: no default password, but a link that is printed once where the program was started, and works once.

use jiff::Timestamp;
use store::accounts::{self, AccountId, NewAccount};
use store::log::Actor;
use store::{Store, StoreError, people};

use crate::accounts::link::{self, Purpose};
use crate::accounts::password;
use crate::accounts::people::checked_login;
use crate::accounts::recorded::record;
use crate::accounts::role::Role;
use crate::accounts::secret::{For, Secret};
use crate::error::{Failure, Result};

/// The secret of a new set-up link, if there is no account yet.
pub fn link_if_needed(store: &Store, now: Timestamp) -> Result<Option<Secret>> {
    if !store.read(accounts::all)?.is_empty() {
        return Ok(None);
    }
    let secret = Secret::fresh(For::Link)?;
    store.write(|tx| link::make(tx, Purpose::SetUp, None, &secret, now))?;
    Ok(Some(secret))
}

/// Makes the first account, an administrator's, with the secret of the link.
pub fn first_account(
    store: &Store,
    secret: &str,
    login: &str,
    password: &str,
    now: Timestamp,
) -> Result<AccountId> {
    let login = checked_login(login)?;
    let hashed = password::hashed(password, &login, &[])?;
    link::look(store, Purpose::SetUp, secret, now)?;
    store
        .write(|tx| {
            link::take(tx, secret, now)?;
            if !accounts::all(tx)?.is_empty() {
                return Err(StoreError::Refused(
                    "there is an account already".to_owned(),
                ));
            }
            let person = people::named(tx, &login)?;
            let id = accounts::add(
                tx,
                &NewAccount {
                    person,
                    login: &login,
                    roles: Role::Admin.as_str(),
                    owners: None,
                    created: now,
                },
            )?;
            accounts::set_password(tx, id, &hashed, now)?;
            record(tx, now, Actor::Person(person), id, "set up")?;
            Ok(id)
        })
        .map_err(Failure::from)
}
