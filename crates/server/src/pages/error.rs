//! What went wrong, for people.

use std::any::Any;

use app::accounts::Caller;
use askama::Template;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};

use super::frame::{Frame, shown};
use super::text::Text;
use crate::error::Problem;

#[derive(Template)]
#[template(path = "error.html")]
struct Page {
    frame: Frame,
    heading: &'static str,
    detail: Text,
    hint: Text,
}

/// The page of a problem.
pub(crate) fn page(problem: &Problem, caller: Option<&Caller>) -> Response {
    let words = problem.words();
    if words.kind == "internal" {
        tracing::error!(?problem, "a page failed");
    }
    let page = Page {
        frame: Frame::new(words.title, "", caller, &HeaderMap::new()),
        heading: words.title,
        detail: Text::of(words.detail),
        hint: Text::of(words.hint),
    };
    shown(words.status, &page)
}

/// Where there is no route.
pub(crate) async fn missing(request: Request) -> Response {
    let problem = Problem::Missing("there is no page at this address".to_owned());
    match request.uri().path().starts_with("/api/") {
        true => problem.into_response(),
        false => page(&problem, request.extensions().get::<Caller>()),
    }
}

/// A fault of ours ends one request and no more.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    let failure = app::error::Failure::internal("a handler panicked");
    Problem::Failed(failure).into_response()
}
