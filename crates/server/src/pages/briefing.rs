//! Home: this morning's briefing.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::error::page as problem_page;
use super::frame::{Frame, shown};
use super::text::{Markup, Text};
use crate::auth::caller::Known;
use crate::state::Server;
use crate::threads::ask;

#[derive(Template)]
#[template(path = "briefing.html")]
struct Page {
    frame: Frame,
    body: Markup,
    as_of: Text,
}

/// The briefing as of now.
pub(super) async fn show(
    State(server): State<Server>,
    Known(caller): Known,
    headers: HeaderMap,
) -> Response {
    let sight = caller.sight.clone();
    let asked = ask(&server, move |parts| {
        let briefing = parts.live.briefing(&sight, parts.now())?;
        Ok((reports::renderers::briefing_body(&briefing), parts.now()))
    });
    match asked.await {
        Err(failure) => problem_page(&failure.into(), Some(&caller)),
        Ok((body, now)) => shown(
            StatusCode::OK,
            &Page {
                frame: Frame::new("Briefing", "/", Some(&caller), &headers),
                body: Markup(body),
                as_of: Text::of(now.to_string()),
            },
        ),
    }
}
