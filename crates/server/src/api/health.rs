//! Whether the server works, for those who watch it.

use api::health::Health;
use app::accounts::Sight;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::Answered;
use crate::state::Server;
use crate::threads::ask;

/// Whether the process answers
#[utoipa::path(
    get,
    operation_id = "alive",
    path = "/healthz",
    tag = "about",
    security(()),
    responses((status = 200, body = Health))
)]
pub(super) async fn alive() -> Answered<Health> {
    Ok(Json(health(Vec::new())))
}

/// Whether it can do its work: the store answers, a catalog is there, hosts have reported
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "about",
    security(()),
    responses((status = 200, body = Health), (status = 503, body = Health))
)]
pub(super) async fn ready(State(server): State<Server>) -> Response {
    let asked = ask(&server, |parts| {
        parts
            .live
            .standing(&Sight::Everything, parts.now())
            .map(|_| ())
    });
    match asked.await {
        Ok(()) => Json(health(Vec::new())).into_response(),
        Err(failure) => {
            // The kind is enough for who is not signed in; the rest is in the log.
            tracing::warn!(cause = %failure.message, "not ready");
            let reason = "the store, the catalog or the first report is missing".to_owned();
            let body = Json(health(vec![reason]));
            (StatusCode::SERVICE_UNAVAILABLE, body).into_response()
        }
    }
}

fn health(reasons: Vec<String>) -> Health {
    let status = if reasons.is_empty() {
        "ok"
    } else {
        "not ready"
    };
    Health {
        status: status.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        reasons,
    }
}
