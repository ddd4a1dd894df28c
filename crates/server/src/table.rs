//! The table of routes, and the router made of it. Tests walk it.

use std::collections::BTreeSet;

use axum::Router;
use axum::middleware::from_fn_with_state;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};

use crate::hold::hold;
use crate::route::{Route, What};
use crate::state::Server;
use crate::{api, assets, pages};

/// Every route.
pub(crate) fn routes() -> Vec<Route> {
    let mut all = api::routes();
    all.extend(pages::routes());
    all.extend(assets::routes());
    all
}

/// The router of all, and the description of the API.
pub(crate) fn described() -> (Router<Server>, utoipa::openapi::OpenApi) {
    let mut router = OpenApiRouter::with_openapi(api::document());
    let mut paths = BTreeSet::new();
    for route in routes() {
        debug_assert!(paths.insert(route.path()), "{} twice", route.path());
        let held = from_fn_with_state((route.access, route.is_personal()), hold);
        router = match route.what {
            What::Api(routes) => router.routes((*routes).layer(held)),
            What::Page(path, routes) => router.route(path, routes.layer(held)),
        };
    }
    router.split_for_parts()
}

/// The description of the API (OpenAPI 3.1), as JSON.
pub fn openapi() -> String {
    let (_, document) = described();
    document.to_pretty_json().unwrap_or_default() + "\n"
}
