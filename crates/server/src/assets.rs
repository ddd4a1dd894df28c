//! The style and the script of the pages, in the binary. Their address has their digest, so a browser may keep them for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base::Digest;
use reports::renderers::PAGE_STYLE;

use crate::route::{Access, Bound, Route};

struct Asset {
    name: &'static str,
    media_type: &'static str,
    text: String,
}

/// The style is that of the documents, and what the frame of a page needs besides.
static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset {
            name: "daywatch.css",
            media_type: "text/css; charset=utf-8",
            text: PAGE_STYLE.to_owned() + include_str!("../assets/daywatch.css"),
        },
        Asset {
            name: "daywatch.js",
            media_type: "text/javascript; charset=utf-8",
            text: include_str!("../assets/daywatch.js").to_owned(),
        },
        Asset {
            name: "icon.svg",
            media_type: "image/svg+xml",
            text: include_str!("../assets/icon.svg").to_owned(),
        },
    ]
});

/// Hexadecimal digits of a digest that stand in an address.
const DIGITS: usize = 16;

static DIGESTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let digest = |asset: &Asset| Digest::of(asset.text.as_bytes()).to_string()[..DIGITS].to_owned();
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
            ASSETS[at].text.as_str(),
        )
            .into_response(),
    }
}
