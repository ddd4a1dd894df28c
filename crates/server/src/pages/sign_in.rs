//! Signing in and out.

use std::net::SocketAddr;

use app::accounts::session;
use app::accounts::sign_in::{self, Attempt, Outcome};
use askama::Template;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::error::page as problem_page;
use super::frame::{Frame, shown};
use super::text::Text;
use crate::auth::cookie;
use crate::auth::form::{Open, Signed};
use crate::error::Problem;
use crate::state::Server;
use crate::threads::ask;
use crate::throttle::{Asker, SIGN_IN};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    frame: Frame,
    message: Text,
    login: Text,
    password: Text,
    wants_code: bool,
    then: Text,
}

/// Where somebody wanted to go.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    then: String,
}

/// A form without fields.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// What was typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    login: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    then: String,
}

/// The address of the form, which leads on to where somebody wanted to go.
pub(crate) fn address(then: &str) -> String {
    match then {
        "" | "/" => "/sign-in".to_owned(),
        then => format!(
            "/sign-in?then={}",
            serde_urlencoded::to_string([("", then)])
                .unwrap_or_default()
                .trim_start_matches('=')
        ),
    }
}

/// The form.
pub(super) async fn show(Query(wanted): Query<Wanted>, headers: HeaderMap) -> Response {
    shown(
        StatusCode::OK,
        &Page {
            frame: Frame::new("Sign in", "", None, &headers),
            message: Text::default(),
            login: Text::default(),
            password: Text::default(),
            wants_code: false,
            then: Text::of(within(&wanted.then)),
        },
    )
}

/// Tries to sign in.
pub(super) async fn sign_in(
    State(server): State<Server>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Open(typed): Open<Typed>,
) -> Response {
    let asker = Asker::SignIn(from.ip().to_string());
    if let Err(seconds) = server.throttle.take(asker, SIGN_IN, server.now()) {
        return problem_page(&Problem::TooOften(seconds), None);
    }
    let then = within(&typed.then);
    let client = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let (login, password) = (typed.login.clone(), typed.password.clone());
    let tried = ask(&server, move |parts| {
        let attempt = Attempt {
            login: &typed.login,
            password: &typed.password,
            code: &typed.code,
            client: &client,
        };
        sign_in::sign_in(parts.live.store(), &parts.key, &attempt, parts.now())
    });
    let (message, wants_code) = match tried.await {
        Ok(Outcome::In(secret)) => return entered(secret.shown(), &then, server.is_tls),
        Ok(Outcome::CodeWanted) => ("", true),
        Ok(Outcome::Refused(why)) => (why, false),
        Err(failure) => return problem_page(&failure.into(), None),
    };
    let page = Page {
        frame: Frame::new("Sign in", "", None, &headers),
        message: Text::of(message),
        login: Text::of(login),
        // Only the form that asks for the code holds the password that was right, for the next step.
        password: Text::of(if wants_code { password } else { String::new() }),
        wants_code,
        then: Text::of(then),
    };
    let status = match wants_code {
        true => StatusCode::OK,
        false => StatusCode::UNAUTHORIZED,
    };
    shown(status, &page)
}

/// Signed in: the cookie, and on to where somebody wanted to go.
fn entered(secret: &str, then: &str, is_tls: bool) -> Response {
    let mut response = Redirect::to(then).into_response();
    if let Some(value) = cookie::set(secret, is_tls) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// Ends the session.
pub(super) async fn sign_out(
    State(server): State<Server>,
    headers: HeaderMap,
    Signed(Nothing {}): Signed<Nothing>,
) -> Response {
    let ended = match cookie::session(&headers, server.is_tls) {
        Some(shown) => {
            ask(&server, move |parts| {
                session::end(parts.live.store(), &shown)
            })
            .await
        }
        None => Ok(()),
    };
    if let Err(failure) = ended {
        return problem_page(&failure.into(), None);
    }
    let mut response = Redirect::to("/sign-in").into_response();
    if let Some(value) = cookie::clear(server.is_tls) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

/// A path of this server, or the home page: a link must not lead elsewhere.
fn within(then: &str) -> String {
    let is_ours = then.starts_with('/')
        && !then.starts_with("//")
        && !then.starts_with("/\\")
        && !then.chars().any(char::is_control);
    match is_ours {
        true => then.to_owned(),
        false => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_this_server_alone() {
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "javascript:x",
            "",
            "/a\nb",
        ] {
            assert_eq!(within(elsewhere), "/", "{elsewhere}");
        }
        assert_eq!(within("/findings?kev=yes"), "/findings?kev=yes");
    }

    #[test]
    fn the_address_says_where_to_go_on() {
        assert_eq!(address("/"), "/sign-in");
        assert_eq!(
            address("/findings?kev=yes&a=b"),
            "/sign-in?then=%2Ffindings%3Fkev%3Dyes%26a%3Db"
        );
    }
}
