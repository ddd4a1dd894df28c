//! Listening, over TLS or on this machine alone, until somebody says stop; then what runs is finished first.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::accounts::seal::Key;
use app::accounts::setup;
use app::error::{Failure, Result};
use app::live::Live;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use jiff::Timestamp;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::auth::{caller, outer};
use crate::state::{Parts, Server};
use crate::throttle::Throttle;
use crate::{pages, table};

/// The largest request that is no import.
const BODY_BYTES: usize = 1 << 20;
/// How long what runs may take once somebody says stop.
const GRACE: Duration = Duration::from_secs(20);

/// How to serve.
#[derive(Debug)]
pub struct Options {
    /// Where to listen.
    pub address: SocketAddr,
    /// With which certificate; without one only on this machine.
    pub tls: Option<Tls>,
    /// Names it is called by besides those of this machine.
    pub names: Vec<String>,
    /// The directory of the key that seals secrets.
    pub keys: PathBuf,
    /// Instead of the clock.
    pub now: Option<Timestamp>,
}

/// A certificate and its key, PEM files.
#[derive(Debug)]
pub struct Tls {
    /// The certificate, with those that signed it.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Serves until SIGINT or SIGTERM. `started` is told where, and the set-up link if there is no account yet.
pub async fn serve(
    live: Live,
    options: Options,
    started: impl FnOnce(&str, Option<&str>),
) -> Result<()> {
    refuse_in_clear(&options)?;
    let tls = match &options.tls {
        Some(tls) => Some(certificate(tls).await?),
        None => None,
    };
    let key = Key::of(&options.keys)?;
    let server: Server = Arc::new(Parts {
        live,
        key,
        throttle: Throttle::default(),
        description: table::openapi(),
        is_tls: tls.is_some(),
        names: names(&options),
        now: options.now,
    });
    let listener = std::net::TcpListener::bind(options.address).map_err(|error| {
        Failure::usage(format!("cannot listen on {}: {error}", options.address))
            .hint("another program may be there already; name another address with --listen")
    })?;
    let prepared = listener
        .set_nonblocking(true)
        .and_then(|()| listener.local_addr());
    let address =
        prepared.map_err(|error| Failure::internal(format!("a socket of no use: {error}")))?;
    let link = setup::link_if_needed(server.live.store(), server.now())?;
    let place = place(&server, &options, address);
    let link = link.map(|secret| format!("{place}/set-up?link={}", secret.shown()));
    started(&place, link.as_deref());
    let handle = Handle::new();
    tokio::spawn(stop(handle.clone()));
    let service = application(&server).into_make_service_with_connect_info::<SocketAddr>();
    let served = match tls {
        Some(tls) => match axum_server::from_tcp_rustls(listener, tls) {
            Ok(listening) => listening.handle(handle).serve(service).await,
            Err(error) => Err(error),
        },
        None => match axum_server::from_tcp(listener) {
            Ok(listening) => listening.handle(handle).serve(service).await,
            Err(error) => Err(error),
        },
    };
    served.map_err(|error| Failure::internal(format!("the server ended: {error}")))
}

/// The routes, within what holds for every request.
pub(crate) fn application(server: &Server) -> Router {
    let (router, _) = table::described();
    router
        .with_state(server.clone())
        .fallback(pages::error::missing)
        .layer(from_fn_with_state(server.clone(), caller::find))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn_with_state(server.clone(), outer::guard))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(pages::error::panicked))
        .layer(from_fn(crate::log::request))
}

/// In clear only on this machine: everywhere else a password would be read on its way.
fn refuse_in_clear(options: &Options) -> Result<()> {
    match options.tls.is_some() || options.address.ip().is_loopback() {
        true => Ok(()),
        false => Err(Failure::usage(format!(
            "{} can be reached from other machines, which takes TLS",
            options.address.ip()
        ))
        .hint("name a certificate with --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy that has one")),
    }
}

async fn certificate(tls: &Tls) -> Result<RustlsConfig> {
    RustlsConfig::from_pem_file(&tls.certificate, &tls.key)
        .await
        .map_err(|error| {
            Failure::input(format!(
                "{} and {} are no certificate and key: {error}",
                tls.certificate.display(),
                tls.key.display()
            ))
            .hint("both are PEM files; the certificate comes first in its file, then those that signed it")
        })
}

fn names(options: &Options) -> Vec<String> {
    let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut names: Vec<String> = own.into_iter().chain(options.names.clone()).collect();
    if !options.address.ip().is_unspecified() {
        names.push(options.address.ip().to_string());
    }
    names
}

/// What people open.
fn place(server: &Server, options: &Options, address: SocketAddr) -> String {
    let scheme = if server.is_tls { "https" } else { "http" };
    let name = options
        .names
        .first()
        .cloned()
        .unwrap_or_else(|| match address.ip() {
            ip if ip.is_loopback() || ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V6(ip) => format!("[{ip}]"),
            ip => ip.to_string(),
        });
    format!("{scheme}://{name}:{}", address.port())
}

/// Waits for somebody to say stop.
async fn stop(handle: Handle<SocketAddr>) {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupted.await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
    tracing::info!("stopping: what runs is finished first");
    handle.graceful_shutdown(Some(GRACE));
}
