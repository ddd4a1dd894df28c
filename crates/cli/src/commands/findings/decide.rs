//! `daywatch findings suppress`, `mitigate` and `decisions`.

use app::error::{Failure, Result};
use app::fleet::decided;
use app::fleet::life::Lives;
use app::fleet::suppress::{self, RecordKind};
use drawing::escape::printable;
use fleet::life::cover::{Cover, HostCover};
use fleet::mitigation::{Measure, Mitigation};
use fleet::suppression::Request;
use inventory::Transport;
use jiff::Timestamp;

use crate::commands::fleet_view::{Asked, Worded};
use crate::commands::options::parse_instant;
use crate::exit::Outcome;
use crate::output;

/// Which hosts a decision is about; without any, all of today and tomorrow.
#[derive(clap::Args, Debug)]
struct On {
    /// Hosts of this name; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    host: Vec<String>,
    /// Hosts with this tag
    #[arg(long)]
    tag: Vec<String>,
    /// Hosts in this zone
    #[arg(long)]
    zone: Vec<String>,
    /// Hosts of this owner
    #[arg(long, value_name = "OWNER")]
    hosts_of: Vec<String>,
}

impl On {
    fn cover(&self) -> HostCover {
        HostCover {
            names: self.host.clone(),
            tags: self.tag.clone(),
            zones: self.zone.clone(),
            owners: self.hosts_of.clone(),
            ..HostCover::default()
        }
    }
}

/// Set findings aside: who, why, on what, until when
///
/// It voids itself when the vulnerability becomes known as exploited, the exposure of a host or the installed version changes, and
/// the briefing says so.
#[derive(clap::Args, Debug)]
pub(super) struct SuppressArgs {
    /// CVEs or any ids
    ids: Vec<String>,
    /// Only of this package or source package
    #[arg(long, value_name = "GLOB")]
    package: Option<String>,
    /// Only in this ecosystem: Debian, Debian:12
    #[arg(long)]
    ecosystem: Option<String>,
    /// Only in this version
    #[arg(long)]
    version: Option<String>,
    #[command(flatten)]
    on: On,
    /// Who answers for it: a role or a team
    #[arg(long, value_name = "WHO")]
    owner: Option<String>,
    /// Why it can wait
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The last day, or a moment
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// What voids it besides: an expression as of --fail-on
    #[arg(long, value_name = "EXPR")]
    unless: Option<String>,
    /// Look again at suppression N: what holds now is what it rests on
    #[arg(long, value_name = "N", conflicts_with_all = ["ids", "withdraw"])]
    renew: Option<u64>,
    /// Take back suppression N
    #[arg(long, value_name = "N", conflicts_with = "ids")]
    withdraw: Option<u64>,
    #[command(flatten)]
    asked: Asked,
}

pub(super) fn suppress(args: &SuppressArgs) -> anyhow::Result<Outcome> {
    let now = args.asked.basis.clock.now();
    let (place, policies) = (args.asked.place()?, args.asked.policies()?);
    let catalog = args.asked.basis.catalog.as_deref();
    if let Some(number) = args.withdraw {
        suppress::withdraw(place, RecordKind::Suppression, number, now)?;
        output::print(&format!("suppression {number} is withdrawn\n"))?;
        return Ok(Outcome::FINE);
    }
    if let Some(number) = args.renew {
        let renewed = suppress::renew(place, catalog, &policies, number, now)?;
        output::print(&format!(
            "suppression {number} rests on what holds now: {}\n",
            printable(&renewed.scope)
        ))?;
        return Ok(Outcome::FINE);
    }
    let request = Request {
        ids: args.ids.clone(),
        package: args.package.clone(),
        ecosystem: args.ecosystem.clone(),
        version: args.version.clone(),
        hosts: args.on.cover(),
        owner: args.owner.clone().unwrap_or_default(),
        reason: args.reason.clone().unwrap_or_default(),
        until: args.until.clone().unwrap_or_default(),
        unless: args.unless.clone(),
    };
    let (number, made, findings) = suppress::suppress(place, catalog, &policies, &request, now)?;
    let until = made
        .until
        .map_or_else(String::new, |at| format!(" until {at}"));
    output::print(&format!(
        "suppression {number}: {findings} findings set aside{until}: {}\n",
        printable(&made.scope)
    ))?;
    Ok(Outcome::FINE)
}

/// Ask for something that keeps a vulnerability from being used, or say that it is done
///
/// It counts when a report shows it: the port is gone, the service stopped, the package removed, the feature off. What no inventory
/// can show stays a claim.
#[derive(clap::Args, Debug)]
pub(super) struct MitigateArgs {
    /// CVEs or any ids
    ids: Vec<String>,
    /// Only of this package or source package
    #[arg(long, value_name = "GLOB")]
    package: Option<String>,
    #[command(flatten)]
    on: On,
    /// Nothing listens on this port any more: 443, udp/500
    #[arg(long, value_name = "PORT", value_parser = parse_port, group = "measure")]
    port_gone: Option<(Transport, u16)>,
    /// This program or package does not listen any more
    #[arg(long, value_name = "NAME", group = "measure")]
    service_stopped: Option<String>,
    /// This package is not installed any more
    #[arg(long, value_name = "GLOB", group = "measure")]
    package_removed: Option<String>,
    /// This role or feature of Windows is off
    #[arg(long, value_name = "NAME", group = "measure")]
    feature_off: Option<String>,
    /// This setting has this value
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_setting, group = "measure")]
    setting: Option<(String, String)>,
    /// Who asks for it: a role or a team
    #[arg(long, value_name = "WHO")]
    owner: Option<String>,
    /// Until when it is to hold
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    until: Option<Timestamp>,
    /// Say that mitigation N is done
    #[arg(long, value_name = "N", conflicts_with_all = ["ids", "withdraw"], requires = "owner")]
    done: Option<u64>,
    /// Take back mitigation N
    #[arg(long, value_name = "N", conflicts_with = "ids")]
    withdraw: Option<u64>,
    #[command(flatten)]
    asked: Asked,
}

fn parse_port(text: &str) -> std::result::Result<(Transport, u16), String> {
    let (transport, port) = text.split_once('/').unwrap_or(("tcp", text));
    let all = [Transport::Tcp, Transport::Udp, Transport::Sctp];
    let transport = all.into_iter().find(|t| t.as_str() == transport);
    let expected = || "expected a port such as 443 or udp/500".to_owned();
    let port = port.parse::<u16>().map_err(|_| expected())?;
    Ok((transport.ok_or_else(expected)?, port))
}

fn parse_setting(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| "expected NAME=VALUE".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

impl MitigateArgs {
    fn measure(&self) -> Result<Measure> {
        let measures = [
            self.port_gone
                .map(|(transport, port)| Measure::PortGone(transport, port)),
            self.service_stopped.clone().map(Measure::ServiceStopped),
            self.package_removed.clone().map(Measure::PackageRemoved),
            self.feature_off.clone().map(Measure::FeatureOff),
            self.setting
                .clone()
                .map(|(name, value)| Measure::Setting { name, value }),
        ];
        measures.into_iter().flatten().next().ok_or_else(|| {
            Failure::usage("what keeps it from being used is missing")
                .hint("such as --port-gone 443; see `daywatch findings mitigate --help`")
        })
    }
}

pub(super) fn mitigate(args: &MitigateArgs) -> anyhow::Result<Outcome> {
    let now = args.asked.basis.clock.now();
    let place = args.asked.place()?;
    let owner = args.owner.clone().unwrap_or_default();
    if let Some(number) = args.withdraw {
        suppress::withdraw(place, RecordKind::Mitigation, number, now)?;
        output::print(&format!("mitigation {number} is withdrawn\n"))?;
        return Ok(Outcome::FINE);
    }
    if let Some(number) = args.done {
        let claimed = suppress::claim(place, number, &owner, now)?;
        output::print(&format!(
            "mitigation {number} is claimed: {}; the next report shows it or not\n",
            printable(&claimed.measure.words())
        ))?;
        return Ok(Outcome::FINE);
    }
    let until = args.until.ok_or_else(|| {
        Failure::usage("--until is missing: a mitigation is looked at again on a day")
    })?;
    let mitigation = Mitigation {
        number: 0,
        measure: args.measure()?,
        cover: Cover {
            ids: args.ids.clone(),
            package: args.package.clone(),
            hosts: args.on.cover(),
        },
        told_by: owner,
        told_at: now,
        claimed: None,
        until,
    };
    let number = suppress::mitigate(place, &mitigation, now)?;
    output::print(&format!(
        "mitigation {number}: {} for {}, until {until}\n",
        printable(&mitigation.measure.words()),
        printable(&mitigation.cover.words())
    ))?;
    Ok(Outcome::FINE)
}

/// What was decided, and where it stands: suppressions and mitigations
#[derive(clap::Args, Debug)]
pub(super) struct DecisionsArgs {
    #[command(flatten)]
    worded: Worded,
    #[command(flatten)]
    asked: Asked,
}

pub(super) fn decisions(args: &DecisionsArgs) -> anyhow::Result<Outcome> {
    let view = args.asked.view()?;
    let lives = view.lives(&args.asked.policies()?)?;
    args.worded.print(
        || in_words(&lives),
        || Ok(decided::decisions(&view, &lives)),
    )
}

fn in_words(lives: &Lives) -> String {
    let mut text = String::new();
    for (number, suppression) in &lives.suppressions {
        let until = suppression
            .until
            .map_or_else(|| "without end".to_owned(), |at| format!("until {at}"));
        text.push_str(&format!(
            "suppression {number}: {} ({}, {until}): {}\n",
            printable(&suppression.scope),
            printable(&suppression.owner),
            printable(&suppression.reason)
        ));
        for (_, void) in lives
            .void
            .iter()
            .chain(&lives.voided)
            .filter(|(n, _)| n == number)
        {
            text.push_str(&format!(
                "  void since {}: {} was {}, is {}\n",
                void.since,
                void.fact.as_str(),
                printable(&void.was),
                printable(&void.is)
            ));
        }
    }
    for mitigation in &lives.mitigations {
        text.push_str(&format!(
            "mitigation {}: {} for {} ({}, until {})\n",
            mitigation.number,
            printable(&mitigation.measure.words()),
            printable(&mitigation.cover.words()),
            printable(&mitigation.told_by),
            mitigation.until
        ));
        for (state, hosts) in lives.states.get(&mitigation.number).into_iter().flatten() {
            text.push_str(&format!("  {} on {} hosts\n", state.as_str(), hosts.len()));
        }
    }
    if text.is_empty() {
        text = "nothing is set aside or mitigated\n".to_owned();
    }
    text
}
