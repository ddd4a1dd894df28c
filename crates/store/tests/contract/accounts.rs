//! Accounts and the secrets that open them.

use base::Digest;
use jiff::{SignedDuration, Timestamp};
use store::accounts::{Account, AccountId, NewAccount};
use store::links::Link;
use store::sessions::Session;
use store::tokens::NewToken;
use store::{Store, Tx, accounts, backup, links, people, sessions, tokens};

use crate::backends::on_each;

fn at(minutes: i64) -> Timestamp {
    "2026-08-19T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn add(tx: &Tx<'_>, login: &str) -> store::Result<AccountId> {
    let person = people::named(tx, login)?;
    accounts::add(
        tx,
        &NewAccount {
            person,
            login,
            roles: "analyst patcher",
            owners: Some("web\ndatabases"),
            created: at(0),
        },
    )
}

fn get(store: &Store, id: AccountId) -> Account {
    store.read(|tx| accounts::get(tx, id)).unwrap().unwrap()
}

#[test]
fn an_account_is_kept_as_it_was_put() {
    on_each(|backend| {
        let id = backend.store.write(|tx| add(tx, "analyst-1")).unwrap();
        let mut account = get(&backend.store, id);
        assert_eq!(
            (account.login.as_str(), account.roles.as_str()),
            ("analyst-1", "analyst patcher")
        );
        assert_eq!((account.failures, account.is_disabled), (0, false));
        account.roles = "admin".to_owned();
        account.owners = None;
        account.totp = Some(vec![1, 2, 3]);
        account.totp_step = 59_000_000;
        account.subject = Some("https://id.example 4711".to_owned());
        account.failures = 3;
        account.locked_until = Some(at(30));
        account.is_disabled = true;
        account.last_seen = Some(at(2));
        backend
            .store
            .write(|tx| accounts::put(tx, &account))
            .unwrap();
        assert_eq!(get(&backend.store, id), account);
        let by = |tx: &Tx<'_>| {
            let by_login = accounts::by_login(tx, "analyst-1")?;
            let by_subject = accounts::by_subject(tx, "https://id.example 4711")?;
            Ok((by_login, by_subject))
        };
        let expected = (Some(account.clone()), Some(account));
        assert_eq!(backend.store.read(by).unwrap(), expected);
    });
}

#[test]
fn a_login_and_a_subject_are_of_one_account() {
    on_each(|backend| {
        backend.store.write(|tx| add(tx, "twice")).unwrap();
        let again = backend.store.write(|tx| add(tx, "twice"));
        assert!(again.unwrap_err().to_string().contains("is taken"));
        let other = backend.store.write(|tx| add(tx, "other")).unwrap();
        let claim = |id: AccountId| {
            let mut account = get(&backend.store, id);
            account.subject = Some("https://id.example 1".to_owned());
            backend.store.write(|tx| accounts::put(tx, &account))
        };
        claim(AccountId(1)).unwrap();
        claim(other).unwrap_err();
    });
}

#[test]
fn the_last_four_passwords_are_remembered() {
    on_each(|backend| {
        let id = backend.store.write(|tx| add(tx, "analyst-1")).unwrap();
        for n in 1..=6 {
            let set = |tx: &Tx<'_>| accounts::set_password(tx, id, &format!("phc {n}"), at(n));
            backend.store.write(set).unwrap();
        }
        let last = backend.store.read(|tx| accounts::last_passwords(tx, id));
        assert_eq!(last.unwrap(), ["phc 3", "phc 4", "phc 5", "phc 6"]);
        let account = get(&backend.store, id);
        assert_eq!(account.password.as_deref(), Some("phc 6"));
        assert_eq!(account.password_set, Some(at(6)));
    });
}

#[test]
fn a_session_is_used_and_ends() {
    on_each(|backend| {
        let id = backend.store.write(|tx| add(tx, "analyst-1")).unwrap();
        let session = |n: u8| Session {
            digest: Digest::of(&[n]),
            account: id,
            factors: "password".to_owned(),
            client: "a browser".to_owned(),
            created: at(0),
            seen: at(0),
            ends: at(i64::from(n) * 60),
        };
        let opened = backend.store.write(|tx| {
            (1..=3).try_for_each(|n| sessions::open(tx, &session(n)))?;
            sessions::touch(tx, session(1).digest, at(5))?;
            sessions::touch(tx, session(1).digest, at(4))?;
            sessions::end(tx, session(2).digest)
        });
        opened.unwrap();
        let of = || backend.store.read(|tx| sessions::of(tx, id)).unwrap();
        assert_eq!(of().len(), 2);
        let first = backend
            .store
            .read(|tx| sessions::get(tx, session(1).digest));
        assert_eq!(first.unwrap().unwrap().seen, at(5));
        let ended = backend.store.write(|tx| sessions::forget_ended(tx, at(61)));
        assert_eq!((ended.unwrap(), of().len()), (1, 1));
        let ended = backend.store.write(|tx| sessions::end_all(tx, id));
        assert_eq!((ended.unwrap(), of().len()), (1, 0));
    });
}

#[test]
fn a_token_is_found_by_its_secret_until_it_is_taken_back() {
    on_each(|backend| {
        let id = backend.store.write(|tx| add(tx, "pipeline")).unwrap();
        let new = NewToken {
            digest: Digest::of(b"secret"),
            account: id,
            name: "build",
            roles: "viewer",
            owners: None,
            created: at(0),
            ends: at(60),
        };
        let token = backend.store.write(|tx| tokens::add(tx, &new)).unwrap();
        let find = |secret: &[u8]| {
            let digest = Digest::of(secret);
            backend
                .store
                .read(|tx| tokens::by_secret(tx, digest))
                .unwrap()
        };
        assert_eq!(find(b"another"), None);
        backend
            .store
            .write(|tx| tokens::touch(tx, token, at(1)))
            .unwrap();
        let found = find(b"secret").unwrap();
        assert_eq!((found.last_used, found.revoked), (Some(at(1)), None));
        backend
            .store
            .write(|tx| tokens::revoke(tx, token, at(2)))
            .unwrap();
        assert_eq!(find(b"secret").unwrap().revoked, Some(at(2)));
        backend
            .store
            .write(|tx| tokens::revoke(tx, token, at(3)))
            .unwrap_err();
    });
}

#[test]
fn a_link_works_once_and_not_after_its_end() {
    on_each(|backend| {
        let link = |secret: &[u8]| Link {
            digest: Digest::of(secret),
            purpose: "set-up".to_owned(),
            account: None,
            created: at(0),
            ends: at(10),
            used: None,
        };
        let add = |secret: &[u8]| backend.store.write(|tx| links::add(tx, &link(secret)));
        let take = |secret: &[u8], now| {
            let digest = Digest::of(secret);
            backend
                .store
                .write(|tx| links::take(tx, digest, now))
                .unwrap()
        };
        add(b"first").unwrap();
        assert_eq!(
            [
                take(b"first", at(11)),
                take(b"first", at(10)),
                take(b"first", at(10))
            ],
            [false, true, false]
        );
        add(b"second").unwrap();
        add(b"third").unwrap();
        assert_eq!(
            [take(b"second", at(1)), take(b"third", at(1))],
            [false, true],
            "a new link ends the one before"
        );
    });
}

#[test]
fn a_backup_has_the_accounts_and_not_who_is_signed_in() {
    on_each(|backend| {
        let id = backend.store.write(|tx| add(tx, "analyst-1")).unwrap();
        let session = Session {
            digest: Digest::of(b"cookie"),
            account: id,
            factors: "password".to_owned(),
            client: String::new(),
            created: at(0),
            seen: at(0),
            ends: at(60),
        };
        backend
            .store
            .write(|tx| sessions::open(tx, &session))
            .unwrap();
        let file = backend.directory.path().join("copy");
        backup::backup(&backend.store, &file).unwrap();
        let restored = Store::memory().unwrap();
        backup::restore(&file, &restored).unwrap();
        assert_eq!(get(&restored, id), get(&backend.store, id));
        let signed_in = restored.read(|tx| sessions::of(tx, id)).unwrap();
        assert_eq!(signed_in, []);
    });
}
