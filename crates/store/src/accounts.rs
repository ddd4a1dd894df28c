//! Accounts: who may sign in, as what, and with which secrets. What somebody is called is in [`crate::people`]; an account without a
//! password signs in through the provider that knows its subject, or not at all.

use jiff::Timestamp;

use crate::bounds::{KEY_BYTES, TEXT_BYTES, bounded};
use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::people::PersonId;
use crate::value::Row;

/// The number of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u32);

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Whose it is.
    pub person: PersonId,
    /// What they type to sign in, in lower case.
    pub login: String,
    /// Words of roles, separated by spaces.
    pub roles: String,
    /// The owners whose hosts it sees, a line each; `None`: every host.
    pub owners: Option<String>,
    /// The password as a PHC string.
    pub password: Option<String>,
    /// When that was set.
    pub password_set: Option<Timestamp>,
    /// The secret of the one-time codes, sealed by the caller.
    pub totp: Option<Vec<u8>>,
    /// The last step of time whose code was used: none is taken twice.
    pub totp_step: u64,
    /// Issuer and subject at the provider it signs in through.
    pub subject: Option<String>,
    /// Failures since the last success.
    pub failures: u32,
    /// Nobody signs in before.
    pub locked_until: Option<Timestamp>,
    /// Switched off by somebody.
    pub is_disabled: bool,
    /// When it was made.
    pub created: Timestamp,
    /// When it last did something.
    pub last_seen: Option<Timestamp>,
}

/// An account to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewAccount<'a> {
    /// Whose.
    pub person: PersonId,
    /// What they type, in lower case.
    pub login: &'a str,
    /// Words of roles, separated by spaces.
    pub roles: &'a str,
    /// The owners whose hosts it sees, a line each.
    pub owners: Option<&'a str>,
    /// When.
    pub created: Timestamp,
}

const COLUMNS: &str = "id, person, login, roles, owners, password, password_set, totp, totp_step, subject, failures, locked_until, disabled, created, last_seen";
/// Passwords that are remembered, so that none of them is taken again (PCI DSS v4.0.1, 8.3.7).
const EARLIER_PASSWORDS: i64 = 4;

/// Makes an account without any secret.
///
/// # Errors
/// When the login is taken or too long, and what the database says.
pub fn add(tx: &Tx<'_>, new: &NewAccount<'_>) -> Result<AccountId> {
    let login = bounded("a login", new.login, KEY_BYTES)?;
    let owners = new.owners.map(|o| bounded("owners", o, TEXT_BYTES));
    if by_login(tx, login)?.is_some() {
        return Err(StoreError::refused(format!("the login {login} is taken")));
    }
    let id = tx.number("SELECT COALESCE(MAX(id) + 1, 1) FROM accounts", &[])?;
    tx.execute(
        "INSERT INTO accounts (id, person, login, roles, owners, totp_step, failures, disabled, created)
         VALUES ($1, $2, $3, $4, $5, 0, 0, 0, $6)",
        &[
            id.into(),
            new.person.0.into(),
            login.into(),
            new.roles.into(),
            owners.transpose()?.into(),
            new.created.into(),
        ],
    )?;
    u32::try_from(id)
        .map(AccountId)
        .map_err(|_| StoreError::refused("there are too many accounts"))
}

/// Every account, by number.
///
/// # Errors
/// What the database says.
pub fn all(tx: &Tx<'_>) -> Result<Vec<Account>> {
    let rows = tx.query(&format!("SELECT {COLUMNS} FROM accounts ORDER BY id"), &[])?;
    rows.iter().map(account).collect()
}

/// One of them.
///
/// # Errors
/// What the database says.
pub fn get(tx: &Tx<'_>, id: AccountId) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM accounts WHERE id = $1");
    tx.first(&sql, &[id.0.into()])?
        .as_ref()
        .map(account)
        .transpose()
}

/// The one that signs in with this login.
///
/// # Errors
/// What the database says.
pub fn by_login(tx: &Tx<'_>, login: &str) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM accounts WHERE login = $1");
    tx.first(&sql, &[login.into()])?
        .as_ref()
        .map(account)
        .transpose()
}

/// The one of a subject at a provider.
///
/// # Errors
/// What the database says.
pub fn by_subject(tx: &Tx<'_>, subject: &str) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM accounts WHERE subject = $1");
    tx.first(&sql, &[subject.into()])?
        .as_ref()
        .map(account)
        .transpose()
}

/// Writes what may change of an account; its number, person, login and creation stay.
///
/// # Errors
/// When it is not known, and what the database says.
pub fn put(tx: &Tx<'_>, account: &Account) -> Result<()> {
    let changed = tx.execute(
        "UPDATE accounts SET roles = $2, owners = $3, totp = $4, totp_step = $5, subject = $6, failures = $7,
                locked_until = $8, disabled = $9, last_seen = $10 WHERE id = $1",
        &[
            account.id.0.into(),
            account.roles.as_str().into(),
            account.owners.as_deref().into(),
            account.totp.clone().into(),
            account.totp_step.into(),
            account.subject.as_deref().into(),
            account.failures.into(),
            account.locked_until.into(),
            account.is_disabled.into(),
            account.last_seen.into(),
        ],
    )?;
    match changed {
        0 => Err(StoreError::refused("there is no such account")),
        _ => Ok(()),
    }
}

/// Sets another password, and remembers the one before.
///
/// # Errors
/// What the database says.
pub fn set_password(tx: &Tx<'_>, id: AccountId, password: &str, now: Timestamp) -> Result<()> {
    let place = tx.number(
        "SELECT COALESCE(MAX(place) + 1, 1) FROM earlier_passwords WHERE account = $1",
        &[id.0.into()],
    )?;
    tx.execute(
        "INSERT INTO earlier_passwords (account, place, password) VALUES ($1, $2, $3)",
        &[id.0.into(), place.into(), password.into()],
    )?;
    tx.execute(
        "DELETE FROM earlier_passwords WHERE account = $1 AND place <= $2",
        &[id.0.into(), (place - EARLIER_PASSWORDS).into()],
    )?;
    tx.execute(
        "UPDATE accounts SET password = $2, password_set = $3 WHERE id = $1",
        &[id.0.into(), password.into(), now.into()],
    )?;
    Ok(())
}

/// The last passwords, the present one among them, as PHC strings.
///
/// # Errors
/// What the database says.
pub fn last_passwords(tx: &Tx<'_>, id: AccountId) -> Result<Vec<String>> {
    let sql = "SELECT password FROM earlier_passwords WHERE account = $1 ORDER BY place";
    let rows = tx.query(sql, &[id.0.into()])?;
    rows.iter().map(|row| row.text(0)).collect()
}

fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: AccountId(row.id(0)?),
        person: PersonId(row.id(1)?),
        login: row.text(2)?,
        roles: row.text(3)?,
        owners: row.opt(4, Row::text)?,
        password: row.opt(5, Row::text)?,
        password_set: row.opt(6, Row::moment)?,
        totp: row.opt(7, |row, at| row.blob(at).map(<[u8]>::to_vec))?,
        totp_step: row.sequence(8)?,
        subject: row.opt(9, Row::text)?,
        failures: row.id(10)?,
        locked_until: row.opt(11, Row::moment)?,
        is_disabled: row.flag(12)?,
        created: row.moment(13)?,
        last_seen: row.opt(14, Row::moment)?,
    })
}
