//! Who asks.

use api::account::Me;
use api::problem::Problem;
use app::accounts::{Caller, Sight, Way};
use axum::Json;

use super::Answered;
use crate::auth::caller::Known;

/// Who asks, and what they may see
#[utoipa::path(
    get,
    operation_id = "me",
    path = "/api/v1/me",
    tag = "accounts",
    responses((status = 200, body = Me), (status = 401, body = Problem, content_type = "application/problem+json"))
)]
pub(super) async fn show(Known(caller): Known) -> Answered<Me> {
    Ok(Json(me(caller)))
}

fn me(caller: Caller) -> Me {
    Me {
        login: caller.login,
        roles: caller
            .roles
            .iter()
            .map(|role| role.as_str().to_owned())
            .collect(),
        owners: match caller.sight {
            Sight::Everything => None,
            Sight::Owners(owners) => Some(owners),
        },
        way: match caller.way {
            Way::Session => "session".to_owned(),
            Way::Token => "token".to_owned(),
        },
    }
}
