//! Forms: read only when they carry the digest of the session they were shown in, so that no other site can make a browser send one.
//! Programs with a token send no form.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use base::Digest;
use serde::de::DeserializeOwned;

use crate::auth::cookie;
use crate::error::Problem;
use crate::state::Server;

/// The name of the field.
pub(crate) const FIELD: &str = "signed";

/// The digest a form of this session carries.
pub(crate) fn signature(session: &str) -> String {
    Digest::of(format!("form {session}").as_bytes()).to_string()
}

/// A form that was sent from one of our pages by who it was shown to.
pub(crate) struct Signed<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Server> for Signed<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Problem> {
        let session = cookie::session(request.headers(), server.is_tls);
        let is_known = request
            .extensions()
            .get::<app::accounts::Caller>()
            .is_some();
        let (true, Some(session)) = (is_known, session) else {
            return Err(Problem::NotSignedIn);
        };
        let bytes = Bytes::from_request(request, server)
            .await
            .map_err(|error| Problem::Refused(error.status(), error.body_text()))?;
        let is_signed =
            form_urlencoded(&bytes, FIELD).is_some_and(|sent| is_same(&sent, &signature(&session)));
        if !is_signed {
            return Err(Problem::Refused(
                StatusCode::FORBIDDEN,
                "the form was shown in a session that ended; open the page again".to_owned(),
            ));
        }
        read(&bytes).map(Self)
    }
}

/// A form of somebody who is not signed in: to sign in, to set up, to choose a password. Where it comes from was checked before.
pub(crate) struct Open<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Server> for Open<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, server)
            .await
            .map_err(|error| Problem::Refused(error.status(), error.body_text()))?;
        read(&bytes).map(Self)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_urlencoded::from_bytes(bytes)
        .map_err(|error| Problem::Refused(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))
}

fn form_urlencoded(bytes: &[u8], name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes).ok()?;
    pairs
        .into_iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

/// Compared as digests, so that the time tells nothing.
fn is_same(one: &str, other: &str) -> bool {
    Digest::of(one.as_bytes()) == Digest::of(other.as_bytes())
}
