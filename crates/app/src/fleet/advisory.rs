//! `advisory`: a hole is used against us and no source has a record of it. Somebody says what has it, and every host that does has
//! a finding at once; what others publish later of the same hole is held against it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use advisories::catalog::{AdvisoryIx, Catalog};
use advisories::local::{FEED, Form, LocalError, differences};
use advisories::model::Advisory;
use advisories::names;
use fleet::change::{Change, What};
use fleet::evaluate::catalog_change;
use fleet::glob::matches;
use fleet::group::FindingGroup;
use inventory::Host;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use reports::briefing::{Hosts, Question};
use reports::explanation::AffectedPackage;
use reports::local_advisory::{Hit, LocalAdvisory, Others};
use store::log::{self, Actor};
use store::people;
use store::records::RecordKind;

use crate::error::{Failure, Result};
use crate::explain::range_words;
use crate::fleet::catalog;
use crate::fleet::commit::{Entries, Fleet};
use crate::fleet::local::{self, Ours};
use crate::fleet::place::Place;
use crate::fleet::view::View;
use crate::scan::damaged;

/// What to try where a form is refused.
const FORM_HINT: &str = "nothing was changed; docs/guide/local-advisories.md shows the form";
/// What to try where an id is not known.
const ID_HINT: &str = "`daywatch advisory list --all` shows them";

/// Who acts, and when.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// A role or a team.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// Takes an advisory, or another form of one that is known by its id; its id.
pub fn add(place: Place, catalog: Option<&Path>, form: &Form, act: Act<'_>) -> Result<String> {
    write(place, catalog, act, |known, at| {
        let form = numbered(form, known, at)?;
        let before = known.iter().find(|one| one.form.id == form.id);
        Ok(Version {
            number: before.map(|one| one.number),
            is_withdrawn: false,
            is_same: before.is_some_and(|one| one.form == form && !one.is_withdrawn),
            form,
        })
    })
}

/// Names other ids of one that is known: with the CVE, the records of others are one vulnerability with it.
pub fn alias(
    place: Place,
    catalog: Option<&Path>,
    id: &str,
    aliases: &[String],
    act: Act<'_>,
) -> Result<String> {
    write(place, catalog, act, |known, at| {
        let ours = standing(known, id)?;
        let mut form = ours.form.clone();
        for alias in aliases {
            if !form
                .aliases
                .iter()
                .any(|own| own.eq_ignore_ascii_case(alias))
            {
                form.aliases.push(alias.clone());
            }
        }
        check(&form, at)?;
        Ok(Version {
            number: Some(ours.number),
            is_withdrawn: false,
            is_same: form == ours.form,
            form,
        })
    })
}

/// Takes one back: its findings are cleared, unless another record says the same.
pub fn withdraw(place: Place, catalog: Option<&Path>, id: &str, act: Act<'_>) -> Result<String> {
    write(place, catalog, act, |known, _| {
        let ours = standing(known, id)?;
        Ok(Version {
            number: Some(ours.number),
            is_withdrawn: true,
            is_same: false,
            form: ours.form.clone(),
        })
    })
}

/// A version to be written.
struct Version {
    /// Of which record; `None` for a new one.
    number: Option<u64>,
    form: Form,
    is_withdrawn: bool,
    /// It says what is known already.
    is_same: bool,
}

/// Writes what `make` makes of those that are known, and the change of the catalog it is, in one transaction.
fn write(
    place: Place,
    catalog_file: Option<&Path>,
    act: Act<'_>,
    make: impl Fn(&[Ours], Timestamp) -> Result<Version>,
) -> Result<String> {
    if act.by.trim().is_empty() {
        return Err(Failure::usage("--by names nobody").hint("name a role or a team"));
    }
    let (base, file) = catalog::open(catalog_file)?;
    let mut fleet = Fleet::open(place)?;
    let (held, _) = catalog::follow(&mut fleet, &base, &file, act.now)?;
    let person = fleet.store.write(|tx| people::named(tx, act.by))?;
    let mut refusal = None;
    let written = fleet.commit(act.now, Actor::Person(person), |entries| {
        let known = local::all(entries.tx, entries.sequence())?;
        let version = make(&known, entries.at()).map_err(|failure| {
            let told = store::StoreError::Refused(failure.message.clone());
            refusal = Some(failure);
            told
        })?;
        if !version.is_same {
            put(entries, &version, act.by)?;
            catalog::turn(entries, &base, Some(&held))?;
        }
        Ok(version.form.id)
    });
    // What was wrong with the form says it better than the store that refused it.
    written.map_err(|failure| refusal.take().unwrap_or(failure))
}

fn put(entries: &mut Entries<'_>, version: &Version, by: &str) -> store::Result<()> {
    let body = local::to_bytes(&version.form, entries.at(), by);
    entries.record(
        RecordKind::Advisory,
        version.number,
        &body,
        version.is_withdrawn,
        Vec::new(),
    )?;
    Ok(())
}

fn standing<'k>(known: &'k [Ours], id: &str) -> Result<&'k Ours> {
    let ours = found(known, id)?;
    match ours.is_withdrawn {
        true => Err(Failure::input(format!("{id} was withdrawn already"))
            .hint("`daywatch advisory add --id ID …` says it again")),
        false => Ok(ours),
    }
}

fn found<'k>(known: &'k [Ours], id: &str) -> Result<&'k Ours> {
    let mut all = known.iter();
    let found = all.find(|one| one.form.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| Failure::input(format!("no local advisory is called {id}")).hint(ID_HINT))
}

/// The form with its id, the next of the year where it has none; checked.
fn numbered(form: &Form, known: &[Ours], at: Timestamp) -> Result<Form> {
    let mut form = form.clone();
    if form.id.is_empty() {
        let year = at.to_zoned(TimeZone::UTC).year();
        let beginning = format!("LOCAL-{year}-");
        let numbers = known.iter().filter_map(|one| {
            let number = one.form.id.strip_prefix(&beginning)?;
            number.parse::<u64>().ok()
        });
        form.id = format!("{beginning}{}", numbers.max().unwrap_or(0) + 1);
    }
    check(&form, at)?;
    Ok(form)
}

fn check(form: &Form, at: Timestamp) -> Result<()> {
    form.check(at).map_err(refused)?;
    match form.cvss.as_deref().map(risk::cvss::score) {
        Some(Err(why)) => Err(Failure::usage(format!("cvss: {why}"))
            .hint("`daywatch cvss VECTOR` checks one; leave it out where nobody rated it")),
        _ => Ok(()),
    }
}

/// Reads a file of a form.
pub fn read(file: &Path) -> Result<Form> {
    let bytes = host::read(file, advisories::local::FORM_BYTES)
        .map_err(|e| Failure::input(e.to_string()))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::input(format!("{}: not UTF-8", file.display())).hint(FORM_HINT))?;
    advisories::local::read(&text)
        .map_err(|why| Failure::input(format!("{}: {why}", file.display())).hint(FORM_HINT))
}

fn refused(why: LocalError) -> Failure {
    Failure::usage(why.to_string()).hint(FORM_HINT)
}

/// Those that are known, withdrawn ones too where they are asked for, as of a moment or now.
pub fn list(
    place: &Place,
    as_of: Option<Timestamp>,
    withdrawn: bool,
) -> Result<Vec<LocalAdvisory>> {
    let store = place.open()?;
    let known = store.read(|tx| {
        let sequence = match as_of {
            Some(moment) => log::sequence_at(tx, moment)?,
            None => u64::MAX,
        };
        local::all(tx, sequence)
    })?;
    let asked = known.iter().filter(|one| withdrawn || !one.is_withdrawn);
    Ok(asked.map(document).collect())
}

/// One of them, with what it hits and what others say.
pub fn show(view: &View, groups: &[FindingGroup], id: &str) -> Result<LocalAdvisory> {
    let sequence = view.state.index.sequence();
    let known = view.store.read(|tx| local::all(tx, sequence))?;
    told(view, groups, found(&known, id)?)
}

/// Takes a form into a view, and nowhere else: what would follow if it was added now.
pub fn imagine(view: &mut View, form: &Form, act: Act<'_>) -> Result<Ours> {
    let sequence = view.state.index.sequence();
    let known = view.store.read(|tx| local::all(tx, sequence))?;
    let form = numbered(form, &known, act.now)?;
    let local = form.check(act.now).map_err(refused)?;
    let over = local::compiled(vec![local.advisory.clone()])?;
    let catalog = view.catalog.overlaid(&over, &[]).map_err(damaged)?;
    let index = &mut view.state.index;
    let change = catalog_change(index, Some(&view.catalog), &catalog).map_err(damaged)?;
    let change = Change {
        sequence: sequence + 1,
        at: act.now,
        what: What::Catalog(change),
    };
    index
        .apply(&change)
        .map_err(|why| Failure::internal(why.to_string()))?;
    view.catalog = catalog;
    Ok(Ours {
        number: 0,
        form,
        local,
        made: (act.now, act.by.to_owned()),
        changed: None,
        is_withdrawn: false,
    })
}

/// An advisory with what it hits and what others say of the same hole.
pub fn told(view: &View, groups: &[FindingGroup], ours: &Ours) -> Result<LocalAdvisory> {
    Ok(LocalAdvisory {
        hits: Some(hits(view, groups, ours)?),
        others: Some(others(&view.catalog, ours)?),
        ..document(ours)
    })
}

/// What ours hits: findings, and hosts at its places.
fn hits(view: &View, groups: &[FindingGroup], ours: &Ours) -> Result<Hit> {
    let about: Vec<&FindingGroup> = groups
        .iter()
        .filter(|group| ours.is_in(&group.finding))
        .collect();
    let targets: BTreeSet<usize> = about
        .iter()
        .flat_map(|g| g.targets.iter().copied())
        .collect();
    let placed = &view.hosts.placed;
    let name = |at: usize| placed.get(at).map(|one| one.host.name.clone());
    let places = &ours.local;
    let is_asked = !(places.ports.is_empty() && places.files.is_empty() && places.kbs.is_empty());
    let mut at_places = Vec::new();
    for one in placed.iter().filter(|_| is_asked) {
        let host = view.inventory(one.host.id)?;
        if host.is_some_and(|host| is_at_place(&host, ours)) {
            at_places.push(one.host.name.clone());
        }
    }
    Ok(Hit {
        hosts: Hosts::named(targets.iter().filter_map(|at| name(*at))),
        findings: about.iter().map(|group| group.targets.len()).sum(),
        due: about.iter().filter_map(|group| group.finding.due()).min(),
        at_places: Hosts::named(at_places),
    })
}

/// Whether a host listens on a port of the advisory, or has a file or an update of it.
fn is_at_place(host: &Host, ours: &Ours) -> bool {
    let local = &ours.local;
    let mut files = host.packages.iter().flat_map(|package| &package.locations);
    let windows = host.windows.as_ref();
    let mut updates = windows
        .and_then(|w| w.updates.as_ref())
        .into_iter()
        .flatten();
    host.services
        .iter()
        .any(|service| local.ports.contains(&service.port))
        || updates.any(|update| local.kbs.contains(&update.kb))
        || files.any(|place| local.files.iter().any(|glob| matches(glob, &place.path)))
}

/// What others say of the same hole.
fn others(catalog: &Catalog, ours: &Ours) -> Result<Others> {
    let mut records: BTreeMap<String, AdvisoryIx> = BTreeMap::new();
    let ids = std::iter::once(&ours.form.id).chain(&ours.form.aliases);
    for id in ids {
        for ix in catalog.find(id).map_err(damaged)? {
            let view = catalog.advisory(ix).map_err(damaged)?;
            if view.feed != FEED {
                records.insert(view.id.to_owned(), ix);
            }
        }
    }
    let own = packages(&ours.local.advisory);
    let mut others = Others::default();
    for (id, ix) in records {
        let theirs = catalog.model(ix).map_err(damaged)?;
        match packages(&theirs).is_disjoint(&own) {
            true => others.elsewhere.push(id),
            false => {
                let parted = differences(&ours.local.advisory, &theirs);
                others.records.push((id, parted));
            }
        }
    }
    Ok(others)
}

/// The packages a record names, whatever the release.
fn packages(advisory: &Advisory) -> BTreeSet<(String, String)> {
    let entries = advisory.affected.iter();
    entries
        .map(|entry| {
            let ecosystem = entry.ecosystem.name();
            let package = names::normalise(ecosystem, &entry.package).into_owned();
            (ecosystem.to_owned(), package)
        })
        .collect()
}

/// For the briefing: ours of which others have published a record by now. Somebody says whether ours is still needed.
pub(super) fn questions(view: &View, groups: &[FindingGroup]) -> Result<Vec<Question>> {
    let mut asked = Vec::new();
    for ours in view.local_advisories()? {
        let others = others(&view.catalog, &ours)?;
        let Some((theirs, _)) = others.records.first() else {
            continue;
        };
        let parted: Vec<&String> = others.records.iter().flat_map(|(_, all)| all).collect();
        let says = match parted.as_slice() {
            [] => "says the same".to_owned(),
            [only] => format!("differs: {only}"),
            [first, rest @ ..] => format!("differs: {first}, and {} more", rest.len()),
        };
        let id = &ours.form.id;
        let about = groups.iter().filter(|group| ours.is_in(&group.finding));
        asked.push(Question {
            text: format!(
                "Is our own {id} still needed? {theirs} is published for the same hole and {says}; both count until ours is withdrawn"
            ),
            moves: about.map(|group| group.targets.len()).sum(),
            answer: Some(format!("daywatch advisory withdraw {id} --by ROLE")),
        });
    }
    Ok(asked)
}

/// As it is told, without what needs a fleet.
fn document(ours: &Ours) -> LocalAdvisory {
    let Ours { form, local, .. } = ours;
    let ports = local.ports.iter().map(|port| format!("port {port}"));
    let files = local.files.iter().map(|file| format!("file {file}"));
    let kbs = local.kbs.iter().map(|kb| format!("update {kb}"));
    let exploited = local.advisory.exploited.as_ref();
    LocalAdvisory {
        id: form.id.clone(),
        summary: local.advisory.summary.clone(),
        aliases: form.aliases.clone(),
        severity: local.advisory.severity,
        cvss: form.cvss.clone(),
        exploited: exploited
            .map(|claim| (claim.says.clone(), claim.since.map(|day| day.to_string()))),
        link: form.link.clone(),
        affected: affected(&local.advisory),
        places: ports.chain(files).chain(kbs).collect(),
        made: ours.made.clone(),
        changed: ours.changed.clone(),
        is_withdrawn: ours.is_withdrawn,
        hits: None,
        others: None,
    }
}

fn affected(advisory: &Advisory) -> Vec<AffectedPackage> {
    let entries = advisory.affected.iter();
    entries
        .map(|entry| AffectedPackage {
            ecosystem: entry.ecosystem.to_string(),
            package: entry.package.clone(),
            ranges: entry.ranges.iter().map(range_words).collect(),
            versions: entry.versions.clone(),
        })
        .collect()
}
