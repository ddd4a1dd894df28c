//! `scan --baseline`: an earlier `daywatch.scan/1` read back (docs/reference/scan.md), and which findings it did not have.
//!
//! A finding is known when the earlier scan had the same vulnerability on the same package of the same target, open or
//! suppressed. Neither the installed version nor the place of a file counts: an upgrade that leaves a hole open brings nothing
//! new. Names of targets change between two runs of a pipeline (`/builds/7f3/app`, `/builds/9c1/app`), so targets are told by
//! their whole name, else by a last part that is unique on both sides, and the only target of a scan is the only target of
//! the other ([decision 040](../../../docs/decisions/040-baseline.md)).

use std::collections::{BTreeMap, HashMap, HashSet};

use base::{Limit, Note, Parsed};
use drawing::escape::printable;
use fleet::finding::Finding;
use jiff::Timestamp;
use serde_json::Value;

use crate::scan::{Gone, ScanReport, Since};

/// The schema this reads.
const SCHEMA: &str = "daywatch.scan/1";
/// The largest earlier scan read.
pub const BASELINE_BYTES: Limit = Limit::new("baseline-bytes", 512 << 20);

/// An earlier scan, as far as a comparison needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    made: Option<Timestamp>,
    targets: Vec<String>,
    findings: Vec<Known>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    target: usize,
    ecosystem: String,
    package: String,
    version: String,
    id: String,
    /// Every id, upper case.
    ids: Vec<String>,
    is_open: bool,
}

impl Baseline {
    /// Reads an earlier scan; `None` with an error note when the bytes are none.
    pub fn parse(bytes: &[u8]) -> Parsed<Option<Self>> {
        let failed = |note| Parsed {
            value: None,
            notes: vec![note],
        };
        if BASELINE_BYTES.is_exceeded_by(bytes.len() as u64) {
            return failed(Note::error("the baseline is too large").because_of(BASELINE_BYTES));
        }
        let root: Value = match serde_json::from_slice(bytes) {
            Ok(root) => root,
            Err(e) => {
                return failed(
                    Note::error(format!("not an earlier scan: not JSON: {e}"))
                        .at_line(e.line() as u64),
                );
            }
        };
        if root["schema"] != SCHEMA {
            return failed(Note::error(format!(
                "not an earlier scan: its \"schema\" is not {SCHEMA}"
            )));
        }
        let (open, lost_open) = known(&root["findings"], true);
        let (set_aside, lost_set_aside) = known(&root["suppressed"], false);
        let lost = lost_open + lost_set_aside;
        let notes = (lost > 0).then(|| {
            Note::warning(format!(
                "findings of the baseline not understood, so they count as new: {lost}"
            ))
        });
        Parsed {
            value: Some(Self {
                made: root["now"].as_str().and_then(|t| t.parse().ok()),
                targets: list(&root["targets"])
                    .iter()
                    .map(|t| text(t, "target").to_owned())
                    .collect(),
                findings: open.into_iter().chain(set_aside).collect(),
            }),
            notes: notes.into_iter().collect(),
        }
    }

    /// Marks every finding of the report as new or known, before anything is set aside.
    pub fn mark(&self, report: &mut ScanReport) {
        let places = Places::of(self, report);
        let known: HashSet<Key<'_>> = self.findings.iter().flat_map(Known::keys).collect();
        for finding in &mut report.findings {
            finding.is_new = Some(!is_known(finding, &places, &known));
        }
        report.errors.extend(places.notes());
    }

    /// New, known and gone in numbers, after findings were set aside.
    pub fn since(&self, report: &ScanReport) -> Since {
        let places = Places::of(self, report);
        let mut open: HashSet<(usize, String, String, String)> = HashSet::new();
        let of_suppressed = report.suppressed.iter().map(|(f, _)| f);
        for finding in report.findings.iter().chain(of_suppressed) {
            let Some(target) = places.earlier(finding.target) else {
                continue;
            };
            let (ecosystem, package) = place(&finding.ecosystem, &finding.package);
            let ids = ids_of(finding);
            open.extend(
                ids.into_iter()
                    .map(|id| (target, ecosystem.clone(), package.clone(), id)),
            );
        }
        let is_gone = |k: &&Known| {
            k.is_open
                && !k.ids.iter().any(|id| {
                    let key = (k.target, k.ecosystem.clone(), k.package.clone(), id.clone());
                    open.contains(&key)
                })
        };
        let mut gone: Vec<Gone> = self
            .findings
            .iter()
            .filter(is_gone)
            .map(|k| Gone {
                id: k.id.clone(),
                package: k.package.clone(),
                version: k.version.clone(),
                target: self.targets.get(k.target).cloned().unwrap_or_default(),
            })
            .collect();
        gone.sort();
        let new = report.findings.iter().filter(|f| f.is_new == Some(true));
        let new = new.count();
        Since {
            made: self.made,
            new,
            known: report.findings.len() - new,
            gone,
        }
    }
}

/// Target, ecosystem without release, package, id.
type Key<'a> = (usize, &'a str, &'a str, &'a str);

impl Known {
    fn keys(&self) -> impl Iterator<Item = Key<'_>> {
        self.ids.iter().map(|id| {
            (
                self.target,
                self.ecosystem.as_str(),
                self.package.as_str(),
                id.as_str(),
            )
        })
    }
}

/// Known by its record, or because each of its CVEs is: a record that adds a CVE to one that was there is news.
fn is_known(finding: &Finding, places: &Places, known: &HashSet<Key<'_>>) -> bool {
    let Some(target) = places.earlier(finding.target) else {
        return false;
    };
    let (ecosystem, package) = place(&finding.ecosystem, &finding.package);
    let has = |id: &str| known.contains(&(target, ecosystem.as_str(), package.as_str(), id));
    if has(&upper(&finding.id)) {
        return true;
    }
    if finding.cves.is_empty() {
        return finding.aliases.iter().any(|id| has(&upper(id)));
    }
    finding.cves.iter().all(|cve| has(&cve.to_string()))
}

fn ids_of(finding: &Finding) -> Vec<String> {
    let cves = finding.cves.iter().map(ToString::to_string);
    let aliases = finding.aliases.iter().map(|id| upper(id));
    [upper(&finding.id)]
        .into_iter()
        .chain(aliases)
        .chain(cves)
        .collect()
}

/// As the JSON writes it, in upper case.
fn upper(id: &str) -> String {
    printable(id).to_ascii_uppercase()
}

/// The ecosystem without its release (a base image may move on), and the package, as the JSON writes them.
fn place(ecosystem: &str, package: &str) -> (String, String) {
    let ecosystem = ecosystem.split(':').next().unwrap_or(ecosystem);
    (
        printable(ecosystem).into_owned(),
        printable(package).into_owned(),
    )
}

/// Which target of this scan was which of the earlier one.
struct Places {
    earlier: Vec<Option<usize>>,
    names: Vec<String>,
}

impl Places {
    fn of(baseline: &Baseline, report: &ScanReport) -> Self {
        let names: Vec<String> = report
            .targets
            .iter()
            .map(|t| printable(&t.name).into_owned())
            .collect();
        if let ([_], [_]) = (names.as_slice(), baseline.targets.as_slice()) {
            return Self {
                earlier: vec![Some(0)],
                names,
            };
        }
        let whole: HashMap<&str, usize> = baseline
            .targets
            .iter()
            .enumerate()
            .map(|(at, name)| (name.as_str(), at))
            .collect();
        let theirs = last_parts(&baseline.targets);
        let ours = last_parts(&names);
        let earlier = names
            .iter()
            .map(|name| {
                whole.get(name.as_str()).copied().or_else(|| {
                    let part = last_part(name);
                    let is_unique = ours.get(part).is_some_and(Option::is_some);
                    theirs.get(part).copied().flatten().filter(|_| is_unique)
                })
            })
            .collect();
        Self { earlier, names }
    }

    fn earlier(&self, target: usize) -> Option<usize> {
        self.earlier.get(target).copied().flatten()
    }

    fn notes(&self) -> Vec<crate::scan::TargetNote> {
        let missing = self.names.iter().zip(&self.earlier);
        missing
            .filter(|(_, earlier)| earlier.is_none())
            .map(|(name, _)| crate::scan::TargetNote {
                target: Some(name.clone()),
                note: Note::info("not in the baseline: all its findings are new"),
            })
            .collect()
    }
}

/// The last parts of names, with the index of the only name that has it.
fn last_parts(names: &[String]) -> BTreeMap<&str, Option<usize>> {
    let mut parts: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        parts
            .entry(last_part(name))
            .and_modify(|only| *only = None)
            .or_insert(Some(at));
    }
    parts
}

fn last_part(name: &str) -> &str {
    let name = name.trim_end_matches(['/', '\\']);
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The findings that are understood, and how many are not.
fn known(items: &Value, is_open: bool) -> (Vec<Known>, usize) {
    let items = list(items);
    let read: Vec<Known> = items.iter().filter_map(|v| one(v, is_open)).collect();
    let lost = items.len() - read.len();
    (read, lost)
}

fn one(value: &Value, is_open: bool) -> Option<Known> {
    let id = value["id"].as_str()?;
    let target = usize::try_from(value["target"].as_u64()?).ok()?;
    let (ecosystem, package) = place(text(value, "ecosystem"), value["package"].as_str()?);
    let others = list(&value["aliases"]).iter().chain(list(&value["cves"]));
    let ids = std::iter::once(id).chain(others.filter_map(Value::as_str));
    Some(Known {
        target,
        ecosystem,
        package,
        version: text(value, "version").to_owned(),
        id: id.to_owned(),
        ids: ids.map(str::to_ascii_uppercase).collect(),
        is_open,
    })
}
