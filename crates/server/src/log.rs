//! One line in the log for each request: its number, what was asked, what came of it, how long it took. Never a query or a body, which may
//! hold secrets; the number goes out with the answer, so that a report of a fault names it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

static NEXT: AtomicU64 = AtomicU64::new(1);
const NUMBER: HeaderName = HeaderName::from_static("x-request-id");

/// Writes the line.
pub(crate) async fn request(request: Request, next: Next) -> Response {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let begun = Instant::now();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
    tracing::info!(number, %method, path, status, milliseconds, "answered");
    if let Ok(value) = HeaderValue::from_str(&number.to_string()) {
        response.headers_mut().insert(NUMBER, value);
    }
    response
}
