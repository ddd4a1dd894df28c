//! `daywatch serve`: the pages and the API, until somebody says stop.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use app::error::Failure;
use app::fleet::place::Place;
use app::live::Live;
use jiff::Timestamp;
use server::{Options, Tls};
use tracing_subscriber::EnvFilter;

use crate::commands::options::{Kept, parse_instant};
use crate::exit::Outcome;
use crate::output;

/// Serve the pages and the API from one process
///
/// The first start prints a link that makes the first account. Only this machine can reach it unless a certificate is given.
#[derive(clap::Args, Debug)]
pub(crate) struct ServeArgs {
    /// Where to listen
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "DAYWATCH_LISTEN",
        default_value = "127.0.0.1:8843"
    )]
    listen: SocketAddr,
    /// The certificate, a PEM file; with it other machines may reach the server
    #[arg(
        long,
        value_name = "FILE",
        env = "DAYWATCH_TLS_CERT",
        requires = "tls_key"
    )]
    tls_cert: Option<PathBuf>,
    /// The certificate's key, a PEM file
    #[arg(
        long,
        value_name = "FILE",
        env = "DAYWATCH_TLS_KEY",
        requires = "tls_cert"
    )]
    tls_key: Option<PathBuf>,
    /// A name people call it by, such as daywatch.example; any number
    #[arg(
        long,
        value_name = "NAME",
        env = "DAYWATCH_NAMES",
        value_delimiter = ','
    )]
    name: Vec<String>,
    /// The directory of the key that seals secrets [default: that of the store]
    #[arg(long, value_name = "DIR", env = "DAYWATCH_KEYS")]
    keys: Option<PathBuf>,
    /// Decide by this policy instead of the ones that ship
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The catalog to use [default: the user's own]
    #[arg(long, value_name = "FILE", env = "DAYWATCH_CATALOG")]
    catalog: Option<PathBuf>,
    /// Use this instant instead of the clock
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    now: Option<Timestamp>,
    #[command(flatten)]
    kept: Kept,
}

pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<Outcome> {
    log();
    app::tls::prepare();
    let place = args.kept.place()?;
    let keys = keys(args.keys.as_deref(), &place)?;
    let policies = app::policies::load(args.policy.as_deref())?;
    let live = Live::open(place, args.catalog.clone(), policies)?;
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls {
            certificate: certificate.clone(),
            key: key.clone(),
        }),
        _ => None,
    };
    let options = Options {
        address: args.listen,
        tls,
        names: args.name.clone(),
        keys,
        now: args.now,
    };
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::internal(format!("no threads for a server: {error}")))?;
    runtime.block_on(server::serve(live, options, started))?;
    Ok(Outcome::FINE)
}

/// Tells people where it is. The link is for who started the program, so it goes to the terminal and never into the log.
fn started(place: &str, link: Option<&str>) {
    let mut text = format!("Daywatch is at {place}\n");
    if let Some(link) = link {
        text.push_str(&format!(
            "There is no account yet. This link makes the first one; it works once, for a day:\n  {link}\n"
        ));
    }
    if output::print(&text).is_err() {
        tracing::warn!("standard output is closed");
    }
}

/// Beside the store; beside the user's own where that is a database.
fn keys(named: Option<&Path>, place: &Place) -> anyhow::Result<PathBuf> {
    match named {
        Some(directory) => Ok(directory.to_owned()),
        None => Ok(place.directory()?),
    }
}

/// Lines for people on a terminal, JSON for machines everywhere else; RUST_LOG chooses.
fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second logger is a test's, and keeps what it has.
    let _ = match std::io::stderr().is_terminal() {
        true => lines.with_target(false).try_init(),
        false => lines.json().flatten_event(true).try_init(),
    };
}
