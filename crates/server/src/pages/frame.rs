//! What is around every page: its title, the ways to the others, who is signed in.

use app::accounts::{Caller, Permission};
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};

use super::text::Text;
use crate::assets;
use crate::auth::{cookie, form};

/// The frame of a page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) title: Text,
    pub(crate) login: Option<Text>,
    pub(crate) ways: Vec<Way>,
    /// What a form of this session carries.
    pub(crate) signed: String,
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) icon: String,
}

/// A way to another page.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) address: &'static str,
    pub(crate) name: &'static str,
    pub(crate) is_here: bool,
}

/// The pages that stand in the head of each, and what it takes to see them.
const PAGES: [(&str, &str, Permission); 1] = [("/", "Briefing", Permission::ReadFleet)];

impl Frame {
    /// The frame of a page for who asks.
    pub(crate) fn new(
        title: impl Into<String>,
        here: &str,
        caller: Option<&Caller>,
        headers: &HeaderMap,
    ) -> Self {
        // The form's signature is of whichever cookie the browser sent.
        let session = cookie::session(headers, true).or_else(|| cookie::session(headers, false));
        let may = |permission| caller.is_some_and(|caller| caller.may(permission));
        let ways = PAGES
            .into_iter()
            .filter(|(_, _, permission)| may(*permission));
        Self {
            title: Text::of(title),
            login: caller.map(|caller| Text::of(caller.login.clone())),
            ways: ways
                .map(|(address, name, _)| Way {
                    address,
                    name,
                    is_here: address == here,
                })
                .collect(),
            signed: session.map(|s| form::signature(&s)).unwrap_or_default(),
            style: assets::address("daywatch.css"),
            script: assets::address("daywatch.js"),
            icon: assets::address("icon.svg"),
        }
    }
}

/// A page as an answer.
pub(crate) fn shown(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "the page could not be written",
            )
                .into_response()
        }
    }
}
