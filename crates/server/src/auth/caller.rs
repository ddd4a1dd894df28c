//! Who has the cookie or the token of a request.

use app::accounts::{Caller, session, token};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::auth::cookie;
use crate::error::Problem;
use crate::state::Server;
use crate::threads::ask;
use crate::throttle::{Asker, REQUESTS};

/// Puts the caller, if there is one, beside the request.
pub(crate) async fn find(
    State(server): State<Server>,
    mut request: Request,
    next: Next,
) -> Response {
    // The headers alone: a body cannot be lent across a wait.
    let headers = request.headers().clone();
    match look_up(&server, &headers).await {
        Ok(Some(caller)) => {
            let asker = Asker::Account(caller.account.0);
            if let Err(seconds) = server.throttle.take(asker, REQUESTS, server.now()) {
                return Problem::TooOften(seconds).into_response();
            }
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Ok(None) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn look_up(server: &Server, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    if let Some(shown) = bearer {
        let found = ask(server, move |parts| {
            token::caller(parts.live.store(), &shown, parts.now())
        });
        // A token that does not hold is told, not taken for nobody's.
        return match found.await? {
            Some(caller) => Ok(Some(caller)),
            None => Err(Problem::NotSignedIn),
        };
    }
    let Some(shown) = cookie::session(headers, server.is_tls) else {
        return Ok(None);
    };
    let found = ask(server, move |parts| {
        session::caller(parts.live.store(), &shown, parts.now())
    });
    Ok(found.await?)
}

/// The caller, where the table lets nobody in without one.
pub(crate) struct Known(pub(crate) Caller);

impl<S: Send + Sync> FromRequestParts<S> for Known {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Head, _: &S) -> Result<Self, Problem> {
        let caller = head.extensions.get::<Caller>().cloned();
        caller.map(Self).ok_or(Problem::NotSignedIn)
    }
}
