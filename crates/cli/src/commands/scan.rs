//! `daywatch scan`: targets against the catalog.

use std::path::PathBuf;
use std::sync::Arc;

use app::error::Failure;
use app::scan::{ScanOptions, Scanned};
use clap::builder::PossibleValuesParser;
use drawing::escape::printable;
use fleet::gate::Gate;
use reports::renderers::{Options, SCAN_RENDERERS, scan_renderer};

use crate::commands::options::{Basis, Kept};
use crate::exit::Outcome;
use crate::output;

/// Match SBOMs, lockfiles, package databases and directories against the catalog
///
/// A TARGET is a CycloneDX or SPDX document, a lockfile, a dpkg, rpm or apk database, a directory, which is walked, a
/// container image (an OCI layout or what `docker save` writes), a tar archive of any of these, the results of another
/// scanner (docs/guide/moving-in.md), or `host`: the machine this runs on. With --save it is remembered as a host of the fleet.
#[derive(clap::Args, Debug)]
pub(crate) struct ScanArgs {
    /// What to scan; `-` is standard input
    #[arg(required_unless_present = "results", value_name = "TARGET")]
    targets: Vec<PathBuf>,
    /// How to print it
    #[arg(long, default_value = "table", value_parser = PossibleValuesParser::new(SCAN_RENDERERS.iter().map(|r| r.id())))]
    format: String,
    /// Exit with 1 if a finding matches: `severity>=high`, `kev`, `epss>=0.5`, `decision<=14d`, with and, or, not
    ///
    /// A fact the expression needs and nobody knows counts as a match, also under `not`.
    #[arg(long, value_name = "EXPR")]
    fail_on: Option<String>,
    /// Add what another scanner reported of the same targets (Trivy, Grype, OSV-Scanner, SARIF, Nessus, Qualys, Greenbone)
    #[arg(long, value_name = "FILE")]
    results: Vec<PathBuf>,
    /// Tell what is new since an earlier scan, the JSON of `--format json`; `--fail-on new` then asks for it
    #[arg(long, value_name = "OLD")]
    baseline: Option<PathBuf>,
    /// Apply the statements of an OpenVEX, CycloneDX or CSAF document
    #[arg(long, value_name = "FILE")]
    vex: Vec<PathBuf>,
    /// Decide by this policy instead of the ones that ship
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Suppressions [default: .daywatch.toml here, if there is one]
    #[arg(long, value_name = "FILE")]
    suppressions: Option<PathBuf>,
    /// What the team says of its hosts: zone, owner, criticality, exposure
    #[arg(long, value_name = "FILE")]
    hosts: Option<PathBuf>,
    /// Compare with the results of another scanner, as --results reads them: same, only them, only us
    #[arg(long, value_name = "FILE")]
    compare: Option<PathBuf>,
    /// Hold banners of services against these fingerprints: a file or folder of Recog XML
    #[arg(long, value_name = "PATH")]
    fingerprints: Option<PathBuf>,
    /// Where the tree of files of `host` begins
    #[arg(long, value_name = "DIR", hide = true)]
    root: Option<PathBuf>,
    /// In a directory, also read what .gitignore leaves out
    #[arg(long)]
    no_ignore: bool,
    /// Of an image for several platforms read this one [default: linux/amd64]
    #[arg(long, value_name = "OS/ARCH[/VARIANT]")]
    platform: Option<host::Platform>,
    /// Exit with 3 if any target could only be read in part
    #[arg(long)]
    strict: bool,
    /// Author of the VEX document (--format openvex, csaf-vex)
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Namespace of the VEX document (--format openvex, csaf-vex)
    #[arg(long, value_name = "URI")]
    namespace: Option<String>,
    /// Take what is read into the fleet as a host of this name: images and applications are hosts too
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    basis: Basis,
}

pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<Outcome> {
    let gate = args.fail_on.as_deref().map(Gate::parse).transpose();
    let gate = gate.map_err(|e| {
        Failure::usage(format!("--fail-on: {e}")).hint("docs/guide/gate.md lists the fields")
    })?;
    if args.baseline.is_none() && gate.as_ref().is_some_and(Gate::needs_baseline) {
        let failure = Failure::usage("--fail-on: `new` needs an earlier scan to compare with");
        let hint =
            "keep the document of `daywatch scan --format json` and give it as --baseline OLD.json";
        return Err(failure.hint(hint).into());
    }
    if args.format == "csaf-vex" && (args.author.is_none() || args.namespace.is_none()) {
        let failure = Failure::usage("--format csaf-vex: a CSAF document names its publisher");
        let hint = "add --author 'NAME' and --namespace https://… (a URL that is yours)";
        return Err(failure.hint(hint).into());
    }
    if args.save.is_some() && args.targets.len() != 1 {
        let failure = Failure::usage("--save: one name is of one target");
        return Err(failure
            .hint("scan them one by one, or take them all in with `daywatch hosts import PATH…`")
            .into());
    }
    let policies = app::policies::load(args.policy.as_deref())?;
    let catalog = args.basis.open()?;
    let now = args.basis.clock.now();
    let mut scanned = app::scan::scan(&catalog, &policies, &options(args)?, now)?;
    let saved = save(args, &mut scanned, now)?;
    if let Some(other) = &args.compare {
        let comparison = app::compare::compare(&catalog, &scanned.report, other)?;
        output::print(&match args.format.as_str() {
            "json" => comparison.to_json(),
            _ => comparison.to_text(output::stdout_style()),
        })?;
    } else {
        output::print(&render(args, &scanned)?)?;
    }
    complain_of_lost_targets(&scanned);
    if let Some(saved) = saved {
        tell(&saved);
    }
    Ok(outcome(args, gate.as_ref(), &scanned, now))
}

fn options(args: &ScanArgs) -> anyhow::Result<ScanOptions> {
    // Negatives cost time and only some documents have a place for them.
    let explains_negatives =
        matches!(args.format.as_str(), "json" | "openvex" | "csaf-vex") || args.compare.is_some();
    let load = |path: &PathBuf| app::fingerprints::load(path).map(Arc::new);
    let fingerprints = args.fingerprints.as_ref().map(load).transpose()?;
    Ok(ScanOptions {
        targets: args.targets.clone(),
        root: args.root.clone(),
        fingerprints,
        results: args.results.clone(),
        baseline: args.baseline.clone(),
        vex: args.vex.clone(),
        suppressions: args.suppressions.clone(),
        assets: args.hosts.clone(),
        no_ignore: args.no_ignore,
        platform: args.platform.clone(),
        negatives: explains_negatives,
        keeps_hosts: args.save.is_some(),
    })
}

/// Takes what was read into the fleet; what became of it, in words.
fn save(
    args: &ScanArgs,
    scanned: &mut Scanned,
    now: jiff::Timestamp,
) -> anyhow::Result<Option<String>> {
    let hosts = std::mem::take(&mut scanned.hosts);
    let Some(name) = args.save.as_ref() else {
        return Ok(None);
    };
    if hosts.is_empty() {
        // That it could not be read is told beside the report.
        return match scanned.target_lost {
            true => Ok(None),
            false => Err(Failure::usage(
                "--save: findings of another scanner are no inventory to remember",
            )
            .hint("scan the system, its SBOM or its image itself")
            .into()),
        };
    }
    let (place, kind) = (args.kept.place()?, hosts[0].kind.as_str());
    let catalog = args.basis.catalog.as_deref();
    let saved = app::fleet::hosts_import::save(place, catalog, name, hosts, now)?;
    let (taken, counts) = (&saved.taken, saved.taken.findings);
    let what = match (taken.new_hosts, taken.reports) {
        (0, 0) => "already known so, nothing changed".to_owned(),
        (0, _) => "known before, reported again".to_owned(),
        (1, _) => "new in the fleet".to_owned(),
        (n, _) => format!("{n} hosts are new in the fleet"),
    };
    Ok(Some(format!(
        "saved as {name} ({kind}): {what}; findings: {} new, {} reopened, {} fixed; see `daywatch hosts show {name}`",
        counts.opened, counts.reopened, counts.fixed
    )))
}

fn render(args: &ScanArgs, scanned: &Scanned) -> anyhow::Result<String> {
    let renderer = scan_renderer(&args.format)
        .ok_or_else(|| Failure::usage(format!("unknown format: {}", args.format)))?;
    let style = output::stdout_style();
    let options = Options {
        colour: style.colour,
        width: style.width,
        author: args.author.clone(),
        namespace: args.namespace.clone(),
        ..Options::default()
    };
    Ok(renderer.render(&scanned.report, &options))
}

fn outcome(
    args: &ScanArgs,
    gate: Option<&Gate>,
    scanned: &Scanned,
    now: jiff::Timestamp,
) -> Outcome {
    let result = gate.map(|g| g.check(&scanned.report.findings, now));
    if let Some(result) = result.as_ref().filter(|r| r.is_hit()) {
        tell(&result.explanation);
    }
    Outcome {
        gate_hit: result.is_some_and(|r| r.is_hit()),
        input_lost: scanned.target_lost || (args.strict && scanned.partly_read),
    }
}

fn complain_of_lost_targets(scanned: &Scanned) {
    for error in scanned
        .report
        .errors
        .iter()
        .filter(|e| e.note.level == base::Level::Error)
    {
        tell(&error.note.to_string());
    }
}

#[expect(
    clippy::print_stderr,
    reason = "stdout carries the document, stderr what a person must know besides"
)]
fn tell(text: &str) {
    eprintln!("{}", printable(text));
}
