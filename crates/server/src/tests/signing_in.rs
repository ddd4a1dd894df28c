//! From the link that is printed once to a session, and out again.

use app::accounts::role::Role;
use app::accounts::{sign_in, totp};
use axum::http::{Method, StatusCode};

use super::server::{PASSWORD, Running};

#[tokio::test]
async fn the_first_account_is_made_from_the_link_and_the_link_works_once() {
    let running = Running::new();
    let link = running.set_up_link();
    let got = running.get(&format!("/set-up?link={link}"), None).await;
    assert_eq!(got.status, StatusCode::OK);
    let make = |password: &'static str| {
        let fields = [
            ("link", link.clone()),
            ("login", "First@team.example".to_owned()),
            ("password", password.to_owned()),
        ];
        let running = &running;
        async move {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
            running.form("/set-up", None, &fields).await
        }
    };
    let weak = make("short").await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        weak.body.contains("at least 12 characters"),
        "{}",
        weak.body
    );
    assert_eq!(make(PASSWORD).await.location(), "/sign-in");
    assert_eq!(
        make(PASSWORD).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let cookie = running.sign_in("first@TEAM.example").await;
    let me = running.get("/api/v1/me", Some(&cookie)).await;
    assert_eq!(me.status, StatusCode::OK);
    assert!(me.body.contains(r#""roles":["admin"]"#), "{}", me.body);
}

#[tokio::test]
async fn a_wrong_login_and_a_wrong_password_are_told_alike() {
    let running = Running::new();
    running.account("analyst", &[Role::Analyst]);
    let try_in = |login: &'static str| {
        let running = &running;
        async move {
            let fields = [("login", login), ("password", "wrong password 1")];
            running.form("/sign-in", None, &fields).await
        }
    };
    let (known, unknown) = (try_in("analyst").await, try_in("nobody").await);
    assert_eq!(known.status, StatusCode::UNAUTHORIZED);
    assert_eq!(known.status, unknown.status);
    assert_eq!(
        known.body.replace("analyst", "x"),
        unknown.body.replace("nobody", "x")
    );
}

#[tokio::test]
async fn ten_wrong_tries_and_the_account_rests() {
    let running = Running::new();
    running.account("analyst", &[Role::Analyst]);
    for _ in 0..10 {
        let fields = [("login", "analyst"), ("password", "wrong password 1")];
        running.form("/sign-in", None, &fields).await;
    }
    let fields = [("login", "analyst"), ("password", PASSWORD)];
    let got = running.form("/sign-in", None, &fields).await;
    assert_eq!(got.status, StatusCode::UNAUTHORIZED);
    assert!(got.body.contains("rests for half an hour"), "{}", got.body);
}

#[tokio::test]
async fn one_address_does_not_try_for_ever() {
    let running = Running::new();
    let mut last = StatusCode::OK;
    for n in 0..30 {
        let login = format!("guess-{n}");
        let fields = [("login", login.as_str()), ("password", "wrong password 1")];
        last = running.form("/sign-in", None, &fields).await.status;
        if last == StatusCode::TOO_MANY_REQUESTS {
            assert!(n >= 10, "after {n}");
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn with_a_second_factor_the_password_is_not_enough_and_a_code_is_taken_once() {
    let running = Running::new();
    running.account("analyst", &[Role::Analyst]);
    let (parts, secret) = (&running.server, b"12345678901234567890");
    let url = totp::address(secret, "analyst").unwrap();
    let code_at = |seconds: u64| {
        totp_rs::Totp::from_url(&url)
            .unwrap()
            .generate(seconds)
            .to_string()
    };
    let now = u64::try_from(running.now().as_second()).unwrap();
    let store = parts.live.store();
    let added =
        |code: &str| sign_in::add_totp(store, &parts.key, "analyst", secret, code, running.now());
    added("000000").unwrap_err();
    added(&code_at(now - 30)).unwrap();
    let fields = [("login", "analyst"), ("password", PASSWORD)];
    let asked = running.form("/sign-in", None, &fields).await;
    assert!(asked.cookie().is_none() && asked.body.contains("one-time-code"));
    let code = code_at(now);
    let with_code = [
        ("login", "analyst"),
        ("password", PASSWORD),
        ("code", code.as_str()),
    ];
    let got = running.form("/sign-in", None, &with_code).await;
    assert!(got.cookie().is_some(), "{}", got.body);
    let again = running.form("/sign-in", None, &with_code).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_form_that_was_not_shown_in_the_session_changes_nothing() {
    let running = Running::new();
    running.account("analyst", &[Role::Analyst]);
    let cookie = running.sign_in("analyst").await;
    for signed in ["", "0000"] {
        let got = running
            .form("/sign-out", Some(&cookie), &[("signed", signed)])
            .await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{signed}");
    }
    let me = running.get("/api/v1/me", Some(&cookie)).await;
    assert_eq!(me.status, StatusCode::OK, "still signed in");
    let secret = cookie.split_once('=').unwrap().1;
    let signed = crate::auth::form::signature(secret);
    let got = running
        .form("/sign-out", Some(&cookie), &[("signed", signed.as_str())])
        .await;
    assert_eq!(got.location(), "/sign-in");
    let me = running.get("/api/v1/me", Some(&cookie)).await;
    assert_eq!(me.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_is_led_to_the_sign_in_gets_where_they_wanted() {
    let running = Running::new();
    running.account("analyst", &[Role::Analyst]);
    let got = running.send(Method::GET, "/?day=2026-08-18", &[], "").await;
    assert_eq!(got.location(), "/sign-in?then=%2F%3Fday%3D2026-08-18");
    let fields = [
        ("login", "analyst"),
        ("password", PASSWORD),
        ("then", "//evil.example"),
    ];
    let got = running.form("/sign-in", None, &fields).await;
    assert_eq!(got.location(), "/");
}
