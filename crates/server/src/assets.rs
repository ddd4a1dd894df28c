//! The style and the script of the pages, in the binary. Their address has their digest, so a browser may keep them for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base::Digest;

use crate::route::{Access, Bound, Route};

struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

const ASSETS: [Asset; 3] = [
    Asset {
        name: "daywatch.css",
        media_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../assets/daywatch.css"),
    },
    Asset {
        name: "daywatch.js",
        media_type: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../assets/daywatch.js"),
    },
    Asset {
        name: "icon.svg",
        media_type: "image/svg+xml",
        bytes: include_bytes!("../assets/icon.svg"),
    },
];

/// Hexadecimal digits of a digest that stand in an address.
const DIGITS: usize = 16;

static DIGESTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let digest = |asset: &Asset| Digest::of(asset.bytes).to_string()[..DIGITS].to_owned();
    ASSETS.iter().map(digest).collect()
});

/// The address of one of them.
pub(crate) fn address(name: &str) -> String {
    let at = ASSETS.iter().position(|asset| asset.name == name);
    let digest = at.map_or("", |at| DIGESTS[at].as_str());
    format!("/assets/{digest}/{name}")
}

/// The routes to them.
pub(crate) fn routes() -> Vec<Route> {
    vec![Route::page(
        Access::Anyone("the sign-in page has a style too"),
        Bound::SameForAll("style and script"),
        "/assets/{digest}/{name}",
        get(show),
    )]
}

async fn show(Path((digest, name)): Path<(String, String)>) -> Response {
    let at = ASSETS.iter().position(|asset| asset.name == name);
    match at.filter(|at| DIGESTS[*at] == digest) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(at) => (
            [
                (header::CONTENT_TYPE, ASSETS[at].media_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            ASSETS[at].bytes,
        )
            .into_response(),
    }
}
