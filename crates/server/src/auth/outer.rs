//! What holds for every request: it was sent to a name of this server (else a page elsewhere could reach it through a name of its own), what
//! it changes was not sent from another site, and the answer forbids a browser whatever our pages do not need.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::error::Problem;
use crate::state::Server;

/// No inline script, no inline style, nothing from elsewhere, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Checks a request and guards its answer.
pub(crate) async fn guard(State(server): State<Server>, request: Request, next: Next) -> Response {
    let checked = checked(&server, &request);
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        if let Ok(name) = header::HeaderName::from_bytes(name.as_bytes()) {
            headers
                .entry(name)
                .or_insert(HeaderValue::from_static(value));
        }
    }
    if server.is_tls {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

const HEADERS: [(&str, &str); 8] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ),
    ("cache-control", "no-store"),
];

fn checked(server: &Server, request: &Request) -> Result<(), Problem> {
    let host = host_of(request.headers(), request.uri());
    let name = host.as_deref().map(name_of);
    if !name.is_some_and(|name| {
        server
            .names
            .iter()
            .any(|one| one.eq_ignore_ascii_case(name))
    }) {
        return Err(Problem::Refused(
            StatusCode::MISDIRECTED_REQUEST,
            "this server goes by another name; add it with --name".to_owned(),
        ));
    }
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let has_token = request.headers().contains_key(header::AUTHORIZATION);
    if reads || has_token || is_from_here(request.headers(), host.as_deref()) {
        return Ok(());
    }
    Err(Problem::Refused(
        StatusCode::FORBIDDEN,
        "what changes something is taken from this server's own pages only".to_owned(),
    ))
}

/// The name a request was sent to, with its port.
fn host_of(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let said = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    said.or_else(|| uri.authority().map(|a| a.as_str()))
        .map(str::to_owned)
}

/// Without the port.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

/// What the browser says of where the request comes from; who says nothing is no browser of these years, and sends no form.
fn is_from_here(headers: &HeaderMap, host: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let origin = text("origin").and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_name_is_without_its_port() {
        let check = |host: &str, expected: &str| assert_eq!(name_of(host), expected);
        check("localhost:8843", "localhost");
        check("daywatch.example", "daywatch.example");
        check("[::1]:8843", "::1");
        check("127.0.0.1", "127.0.0.1");
    }

    #[test]
    fn a_form_of_another_site_is_known() {
        let check = |pairs: &[(&'static str, &'static str)], expected: bool| {
            assert_eq!(
                is_from_here(&headers(pairs), Some("localhost:8843")),
                expected
            );
        };
        check(&[("sec-fetch-site", "same-origin")], true);
        check(
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://localhost:8843"),
            ],
            false,
        );
        check(&[("sec-fetch-site", "same-site")], false);
        check(&[("origin", "http://localhost:8843")], true);
        check(&[("origin", "http://localhost:9999")], false);
        check(&[("origin", "null")], false);
        check(&[], false);
    }
}
