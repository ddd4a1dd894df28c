//! Signing in: login and password, then a one-time code where the account has one. Whatever is wrong, the answer is the same, and
//! takes as long; only who gave the right password learns that the account rests or is switched off.

use jiff::Timestamp;
use store::Store;
use store::accounts::{self, Account};
use store::log::Actor;

use crate::accounts::guard::{self, Shut, shut};
use crate::accounts::recorded::record;
use crate::accounts::seal::Key;
use crate::accounts::secret::{For, Secret};
use crate::accounts::{password, session, totp};
use crate::error::{Failure, Result};

/// What somebody typed.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The login, in any case.
    pub login: &'a str,
    /// The password.
    pub password: &'a str,
    /// The one-time code; empty where none was asked yet.
    pub code: &'a str,
    /// The browser, as it says.
    pub client: &'a str,
}

/// What comes of it.
#[derive(Debug)]
pub enum Outcome {
    /// In, with this session.
    In(Secret),
    /// The password is right; now the code.
    CodeWanted,
    /// Not in, with what may be said about it.
    Refused(&'static str),
}

const WRONG: &str = "login, password or code is wrong";

/// Tries to sign in.
pub fn sign_in(store: &Store, key: &Key, attempt: &Attempt<'_>, now: Timestamp) -> Result<Outcome> {
    let login = attempt.login.trim().to_lowercase();
    let account = store.read(|tx| accounts::by_login(tx, &login))?;
    let kept = account
        .as_ref()
        .and_then(|account| account.password.clone());
    // Without an account or a password the work is done all the same.
    let against = kept.as_deref().unwrap_or_else(|| password::nobodys());
    let is_right = password::is_right(attempt.password, against) && kept.is_some();
    let Some(account) = account else {
        return Ok(Outcome::Refused(WRONG));
    };
    if !is_right {
        return wrong(store, account, now);
    }
    if let Some(shut) = shut(&account, now) {
        return Ok(Outcome::Refused(match shut {
            Shut::Resting(_) => {
                "too many wrong tries: the account rests for half an hour, or until an administrator unlocks it"
            }
            Shut::Disabled => "the account is switched off; an administrator can switch it on",
            Shut::Unused => {
                "the account was not used for ninety days; an administrator can send a link for another password"
            }
        }));
    }
    match &account.totp {
        None => enter(store, account, "password", attempt.client, now),
        Some(_) if attempt.code.is_empty() => Ok(Outcome::CodeWanted),
        Some(sealed) => {
            let secret = key.open(&totp_purpose(&account), sealed)?;
            match totp::step_of(&secret, attempt.code, now, account.totp_step) {
                None => wrong(store, account, now),
                Some(step) => {
                    let account = Account {
                        totp_step: step,
                        ..account
                    };
                    enter(store, account, "password totp", attempt.client, now)
                }
            }
        }
    }
}

/// What the secret of the codes is sealed for.
pub(super) fn totp_purpose(account: &Account) -> String {
    format!("totp {}", account.id.0)
}

fn wrong(store: &Store, account: Account, now: Timestamp) -> Result<Outcome> {
    store.write(|tx| {
        // Read again: of two wrong tries at once both count.
        let Some(mut account) = accounts::get(tx, account.id)? else {
            return Ok(());
        };
        let rests = guard::failed(&mut account, now);
        accounts::put(tx, &account)?;
        if rests {
            record(
                tx,
                now,
                Actor::Program("sign-in"),
                account.id,
                "rests after wrong tries",
            )?;
        }
        Ok(())
    })?;
    Ok(Outcome::Refused(WRONG))
}

fn enter(
    store: &Store,
    account: Account,
    factors: &str,
    client: &str,
    now: Timestamp,
) -> Result<Outcome> {
    let secret = Secret::fresh(For::Session)?;
    let entered = store.write(|tx| {
        let Some(mut known) = accounts::get(tx, account.id)? else {
            return Ok(false);
        };
        // Of two who show the same code at once, one comes in.
        if factors.contains("totp") && known.totp_step >= account.totp_step {
            return Ok(false);
        }
        known.totp_step = account.totp_step;
        guard::succeeded(&mut known, now);
        accounts::put(tx, &known)?;
        session::open(tx, known.id, factors, client, &secret, now)?;
        Ok(true)
    })?;
    Ok(match entered {
        true => Outcome::In(secret),
        false => Outcome::Refused(WRONG),
    })
}

/// Gives an account a second factor, once its owner has shown a code of it.
pub fn add_totp(
    store: &Store,
    key: &Key,
    login: &str,
    secret: &[u8],
    code: &str,
    now: Timestamp,
) -> Result<()> {
    let account = super::people::named(store, login)?;
    let step = totp::step_of(secret, code, now, 0)
        .ok_or_else(|| Failure::usage("that is not the code the authenticator shows now"))?;
    let sealed = key.seal(&totp_purpose(&account), secret)?;
    store.write(|tx| {
        let known = accounts::get(tx, account.id)?;
        let mut known = known
            .ok_or_else(|| store::StoreError::Refused("there is no such account".to_owned()))?;
        known.totp = Some(sealed.clone());
        known.totp_step = step;
        accounts::put(tx, &known)?;
        record(
            tx,
            now,
            Actor::Person(known.person),
            known.id,
            "second factor added",
        )
    })?;
    Ok(())
}
