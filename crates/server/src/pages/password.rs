//! Choosing a password, from a link an administrator made.

use app::accounts::link::{self, Purpose};
use app::accounts::people;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::error::page as problem_page;
use super::frame::{Frame, shown};
use super::text::Text;
use crate::auth::form::Open;
use crate::state::Server;
use crate::threads::ask;

#[derive(Template)]
#[template(path = "password.html")]
struct Page {
    frame: Frame,
    message: Text,
    hint: Text,
    link: Text,
}

/// The secret of the link.
#[derive(Deserialize)]
pub(super) struct Linked {
    #[serde(default)]
    link: String,
}

/// What was typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    link: String,
    password: String,
}

/// The form, for who has the link.
pub(super) async fn show(
    State(server): State<Server>,
    Query(linked): Query<Linked>,
    headers: HeaderMap,
) -> Response {
    let secret = linked.link.clone();
    let looked = ask(&server, move |parts| {
        link::look(parts.live.store(), Purpose::Password, &secret, parts.now())
    });
    match looked.await {
        Err(failure) => problem_page(&failure.into(), None),
        Ok(_) => form(StatusCode::OK, linked.link, None, &headers),
    }
}

/// Sets the password.
pub(super) async fn choose(
    State(server): State<Server>,
    headers: HeaderMap,
    Open(typed): Open<Typed>,
) -> Response {
    let link = typed.link.clone();
    let chosen = ask(&server, move |parts| {
        let store = parts.live.store();
        people::choose_password(store, &typed.link, &typed.password, parts.now())
    });
    match chosen.await {
        Ok(_) => Redirect::to("/sign-in").into_response(),
        Err(failure) => form(
            StatusCode::UNPROCESSABLE_ENTITY,
            link,
            Some((failure.message, failure.hint)),
            &headers,
        ),
    }
}

fn form(
    status: StatusCode,
    link: String,
    wrong: Option<(String, String)>,
    headers: &HeaderMap,
) -> Response {
    let (message, hint) = wrong.unwrap_or_default();
    shown(
        status,
        &Page {
            frame: Frame::new("Choose a password", "", None, headers),
            message: Text::of(message),
            hint: Text::of(hint),
            link: Text::of(link),
        },
    )
}
