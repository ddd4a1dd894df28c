//! One download: conditional, resumable, retried, bounded.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::Limit;
use reqwest::header::{
    ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
    RETRY_AFTER,
};
use reqwest::{Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::Patience;
use crate::error::{Failure, Result};
use crate::progress::Progress;

/// The largest feed fetched; the largest public one is under 200 MB.
const DOWNLOAD_BYTES: Limit = Limit::new("download-bytes", 4 << 30);
/// The longest wait a server may ask for.
const RETRY_AFTER_SECONDS: Limit = Limit::new("retry-after-seconds", 60);

/// What a fetch found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    /// The copy we have is current.
    Unchanged,
    /// A new copy is in its place.
    Changed,
}

/// What the server said of a copy, kept beside it (`all.zip.meta`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
struct Validators {
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
}

/// A client with the user's certificates and patience.
pub(super) struct Client {
    http: reqwest::Client,
    patience: Patience,
}

enum Attempt {
    Done(Fetched),
    /// Worth trying again, after the wait the server asked for.
    Again(String, Option<Duration>),
    Hopeless(String),
}

impl Client {
    pub(super) fn new(ca_file: Option<&Path>, patience: Patience) -> Result<Self> {
        // Fails only when a provider is installed already, which is as good.
        crate::tls::prepare();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("daywatch/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(20))
            .read_timeout(Duration::from_secs(60));
        if let Some(path) = ca_file {
            let failed = |e: &dyn std::fmt::Display| {
                Failure::input(format!("--ca-file {}: {e}", path.display()))
                    .hint("it must hold PEM certificates")
            };
            let pem = fs::read(path).map_err(|e| failed(&e))?;
            let certificates =
                reqwest::Certificate::from_pem_bundle(&pem).map_err(|e| failed(&e))?;
            if certificates.is_empty() {
                return Err(failed(&"no certificate in it"));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        let http = builder
            .build()
            .map_err(|e| Failure::internal(format!("no HTTP client: {e}")))?;
        Ok(Self { http, patience })
    }

    /// Brings the file up to date; the message says why not.
    pub(super) async fn fetch(
        &self,
        url: &str,
        file: &Path,
        name: &str,
        progress: &dyn Progress,
    ) -> std::result::Result<Fetched, String> {
        let mut wait = self.patience.first_wait;
        let mut last = String::new();
        for attempt in 0..self.patience.attempts {
            if attempt > 0 {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            match self.attempt(url, file, name, progress).await {
                Attempt::Done(fetched) => return Ok(fetched),
                Attempt::Hopeless(why) => return Err(why),
                Attempt::Again(why, asked) => {
                    wait = asked.unwrap_or(wait);
                    last = why;
                }
            }
        }
        Err(format!("{last} (tried {} times)", self.patience.attempts))
    }

    async fn attempt(
        &self,
        url: &str,
        file: &Path,
        name: &str,
        progress: &dyn Progress,
    ) -> Attempt {
        let part = with_suffix(file, ".part");
        let resume_at = fs::metadata(&part).map(|m| m.len()).unwrap_or(0);
        let headers = request_headers(url, file, &part, resume_at);
        let response = match self.http.get(url).headers(headers).send().await {
            Ok(response) => response,
            Err(e) => return Attempt::Again(describe(&e), None),
        };
        match response.status() {
            StatusCode::NOT_MODIFIED => Attempt::Done(Fetched::Unchanged),
            StatusCode::OK => receive(response, url, file, &part, 0, name, progress).await,
            StatusCode::PARTIAL_CONTENT => {
                receive(response, url, file, &part, resume_at, name, progress).await
            }
            StatusCode::RANGE_NOT_SATISFIABLE => {
                // What we have is no start of what they have.
                let _ = fs::remove_file(&part);
                Attempt::Again(
                    "the server could not resume".to_owned(),
                    Some(Duration::ZERO),
                )
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Attempt::Again(
                    format!("the server answered {status}"),
                    retry_after(response.headers()),
                )
            }
            status => Attempt::Hopeless(format!("the server answered {status} for {url}")),
        }
    }
}

/// Streams the body into the part file and puts it in its place.
async fn receive(
    mut response: Response,
    url: &str,
    file: &Path,
    part: &Path,
    from: u64,
    name: &str,
    progress: &dyn Progress,
) -> Attempt {
    let io = |e: std::io::Error| Attempt::Hopeless(format!("cannot write {}: {e}", part.display()));
    let total = response.content_length().map(|rest| rest + from);
    if total.is_some_and(|t| DOWNLOAD_BYTES.is_exceeded_by(t)) {
        return Attempt::Hopeless(format!("larger than is accepted (limit {DOWNLOAD_BYTES})"));
    }
    let mut out = match open_part(part, from) {
        Ok(out) => out,
        Err(e) => return io(e),
    };
    let validators = validators_of(url, response.headers());
    if let Err(e) = write_validators(part, &validators) {
        return io(e);
    }
    progress.begin(name, total);
    let mut done = from;
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(e) => {
                progress.end();
                return Attempt::Again(describe(&e), None);
            }
        };
        done += chunk.len() as u64;
        if DOWNLOAD_BYTES.is_exceeded_by(done) {
            return Attempt::Hopeless(format!("larger than is accepted (limit {DOWNLOAD_BYTES})"));
        }
        if let Err(e) = out.write_all(&chunk) {
            return io(e);
        }
        progress.advance(done);
    }
    progress.end();
    if total.is_some_and(|t| t != done) {
        return Attempt::Again("the download ended early".to_owned(), None);
    }
    let finished = out
        .sync_all()
        .and_then(|()| fs::rename(part, file))
        .and_then(|()| fs::rename(with_suffix(part, ".meta"), with_suffix(file, ".meta")));
    match finished {
        Ok(()) => Attempt::Done(Fetched::Changed),
        Err(e) => io(e),
    }
}

/// Conditions for a whole copy we have, or the range and condition for a part of one.
fn request_headers(url: &str, file: &Path, part: &Path, resume_at: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name, value: Option<String>| {
        if let Some(value) = value.and_then(|v| HeaderValue::from_str(&v).ok()) {
            headers.insert(name, value);
        }
    };
    if resume_at > 0 {
        let known = read_validators(part).filter(|v| v.url == url);
        // A weak validator cannot guard a range (RFC 9110 §13.1.5).
        let strong = known
            .as_ref()
            .and_then(|v| v.etag.clone())
            .filter(|e| !e.starts_with("W/"));
        if let Some(condition) = strong.or_else(|| known.and_then(|v| v.last_modified)) {
            put(RANGE, Some(format!("bytes={resume_at}-")));
            put(IF_RANGE, Some(condition));
            return headers;
        }
    }
    if file.exists()
        && let Some(known) = read_validators(file).filter(|v| v.url == url)
    {
        put(IF_NONE_MATCH, known.etag);
        put(IF_MODIFIED_SINCE, known.last_modified);
    }
    headers
}

fn open_part(part: &Path, from: u64) -> std::io::Result<File> {
    if let Some(parent) = part.parent() {
        fs::create_dir_all(parent)?;
    }
    if from > 0 {
        OpenOptions::new().append(true).open(part)
    } else {
        File::create(part)
    }
}

fn validators_of(url: &str, headers: &HeaderMap) -> Validators {
    let text = |name| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .map(str::to_owned)
    };
    Validators {
        url: url.to_owned(),
        etag: text(ETAG),
        last_modified: text(LAST_MODIFIED),
    }
}

fn read_validators(of: &Path) -> Option<Validators> {
    serde_json::from_slice(&fs::read(with_suffix(of, ".meta")).ok()?).ok()
}

fn write_validators(of: &Path, validators: &Validators) -> std::io::Result<()> {
    fs::write(with_suffix(of, ".meta"), serde_json::to_vec(validators)?)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds.min(RETRY_AFTER_SECONDS.max)))
}

/// The innermost cause says what a person can act on ("connection refused"), the outermost what was tried.
fn describe(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let outer = error.to_string();
    let inner = innermost.to_string();
    if outer.contains(&inner) {
        outer
    } else {
        format!("{outer}: {inner}")
    }
}
