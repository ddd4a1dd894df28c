//! The public API: one file a noun, and the list of its routes. Its description (OpenAPI 3.1) is made from the handlers and the types of
//! `api`, and is a reviewed file: `docs/reference/openapi.json`.

mod document;
mod health;
mod me;

use axum::Json;
use utoipa_axum::routes as describe;

use crate::route::{Access, Bound, Route};

pub(crate) use document::document;

const PROBES: &str = "a probe that holds no account must see whether it works";

/// Its routes.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::api(
            Access::Anyone(PROBES),
            Bound::SameForAll("whether the process answers"),
            describe!(health::alive),
        ),
        Route::api(
            Access::Anyone(PROBES),
            Bound::SameForAll("whether the store and the catalog can be used"),
            describe!(health::ready),
        ),
        Route::api(Access::SignedIn, Bound::Own, describe!(me::show)),
        Route::api(
            Access::SignedIn,
            Bound::SameForAll("the description of the API"),
            describe!(document::show),
        ),
    ]
}

/// An answer.
type Answered<T> = crate::error::Answer<Json<T>>;
