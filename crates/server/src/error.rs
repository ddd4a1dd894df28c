//! What goes wrong, as an answer: a problem document (RFC 9457) to programs, a page to people. The kind decides the status. What
//! only we can mend is written to the log and told in one bland sentence.

use app::error::{Failure, Kind};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What went wrong.
#[derive(Debug)]
pub(crate) enum Problem {
    /// Nobody is signed in.
    NotSignedIn,
    /// They may not; which permission is missing.
    Forbidden(String),
    /// There is no such thing, or they do not see it: the answer is the same.
    Missing(String),
    /// They ask too often; seconds to wait.
    TooOften(u64),
    /// The request itself is wrong.
    Refused(StatusCode, String),
    /// What a use case says.
    Failed(Failure),
}

/// What a handler gives.
pub(crate) type Answer<T> = Result<T, Problem>;

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A problem in words.
pub(crate) struct Words {
    pub(crate) status: StatusCode,
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) detail: String,
    pub(crate) hint: String,
}

impl Problem {
    /// In words, none of which is an internal cause.
    pub(crate) fn words(&self) -> Words {
        let words = |status, kind, title, detail: &str, hint: &str| Words {
            status,
            kind,
            title,
            detail: detail.to_owned(),
            hint: hint.to_owned(),
        };
        match self {
            Self::NotSignedIn => words(
                StatusCode::UNAUTHORIZED,
                "not-signed-in",
                "Nobody is signed in",
                "this answer is for people and programs with an account",
                "sign in, or send a token: Authorization: Bearer dwt_…",
            ),
            Self::Forbidden(what) => words(
                StatusCode::FORBIDDEN,
                "forbidden",
                "Not allowed",
                what,
                "an administrator can give the role: daywatch admin user change",
            ),
            Self::Missing(what) => words(
                StatusCode::NOT_FOUND,
                "missing",
                "Not here",
                what,
                "it may have been removed, or be among the hosts of others",
            ),
            Self::TooOften(seconds) => words(
                StatusCode::TOO_MANY_REQUESTS,
                "too-often",
                "Too many requests",
                &format!("try again in {seconds} s"),
                "",
            ),
            Self::Refused(status, why) => {
                words(*status, "refused", "The request is wrong", why, "")
            }
            Self::Failed(failure) => of(failure),
        }
    }
}

fn of(failure: &Failure) -> Words {
    let (status, kind, title) = match failure.kind {
        Kind::Usage => (StatusCode::BAD_REQUEST, "usage", "That cannot be done so"),
        Kind::Input => (StatusCode::CONFLICT, "input", "Something is missing here"),
        Kind::Verification => (StatusCode::CONFLICT, "verification", "A check failed"),
        Kind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Our fault"),
    };
    let is_ours = failure.kind == Kind::Internal;
    Words {
        status,
        kind,
        title,
        detail: match is_ours {
            true => "something went wrong inside; it is in the log".to_owned(),
            false => failure.message.clone(),
        },
        hint: match is_ours {
            true => String::new(),
            false => failure.hint.clone(),
        },
    }
}

/// To a program.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let words = self.words();
        if let Self::Failed(failure) = &self
            && failure.kind == Kind::Internal
        {
            tracing::error!(cause = %failure.message, "a use case failed");
        }
        let body = api::problem::Problem {
            kind: format!("/problems/{}", words.kind),
            title: words.title.to_owned(),
            status: words.status.as_u16(),
            detail: words.detail,
            hint: words.hint,
        };
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (
            words.status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            json,
        )
            .into_response();
        if let Self::TooOften(seconds) = self
            && let Ok(value) = seconds.to_string().parse()
        {
            response.headers_mut().insert(header::RETRY_AFTER, value);
        }
        response
    }
}
