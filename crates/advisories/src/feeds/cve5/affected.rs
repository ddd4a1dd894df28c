//! `affected[]` of a CVE record (<https://github.com/CVEProject/cve-schema/blob/main/schema/docs/versions.md>) as products.
//!
//! Names in CVE records are prose, so a product is taken from CPE names where any container has them, and from vendor and
//! product spelled as CPE names are otherwise. What has no version that can be compared is left out, and counted.

use base::Cpe;
use versions::{Event, EventKind, Range, RangeKind};

use crate::feeds::cpe::Products;
use crate::feeds::ledger::Ledger;
use crate::feeds::product::{self, Bounds, Until, bounds};
use crate::feeds::wire::{Lenient, List, Text, wire};
use crate::model::Affected;

wire! {
    /// `affected[]`.
    pub(super) struct AffectedWire<'a> {
        "vendor" => vendor: Text<'a>,
        "product" => product: Text<'a>,
        "packageName" => package: Text<'a>,
        "collectionURL" => collection: Text<'a>,
        "defaultStatus" => default: Text<'a>,
        "cpes" => cpes: List<Text<'a>>,
        "versions" => versions: List<Lenient<VersionWire<'a>>>,
    }
}

wire! {
    /// `versions[]`.
    struct VersionWire<'a> {
        "version" => version: Text<'a>,
        "status" => status: Text<'a>,
        "versionType" => kind: Text<'a>,
        "lessThan" => before: Text<'a>,
        "lessThanOrEqual" => until: Text<'a>,
        "changes" => changes: List<Lenient<ChangeWire<'a>>>,
    }
}

wire! {
    /// `changes[]`.
    struct ChangeWire<'a> {
        "at" => at: Text<'a>,
        "status" => status: Text<'a>,
    }
}

/// Distributions list every product of theirs in a CVE record; their own feeds say it better.
static DISTRIBUTIONS: &[&str] = &[
    "https://access.redhat.com/",
    "https://catalog.redhat.com/",
    "https://packages.fedoraproject.org",
];

const UNVERSIONED: &str = "product left out: no version that can be compared";
const UNNAMED: &str = "product left out: no name";

/// Whose container an entry stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The numbering authority, mostly the vendor.
    Cna,
    /// An authorised publisher of additions.
    Adp,
}

/// The products of all containers of a record.
pub(super) fn affected<'a>(
    entries: impl Iterator<Item = (&'a AffectedWire<'a>, Role)> + Clone,
    ledger: &mut Ledger,
) -> Vec<Affected> {
    let mut products = Products::default();
    let has_names = entries
        .clone()
        .any(|(entry, _)| !entry.cpes.items.is_empty());
    for (entry, role) in entries {
        let is_distribution = DISTRIBUTIONS
            .iter()
            .any(|url| entry.collection.trimmed().starts_with(url));
        if is_distribution || (has_names && entry.cpes.items.is_empty()) {
            continue;
        }
        let names = names(entry);
        if names.is_empty() {
            ledger.skip(UNNAMED);
            continue;
        }
        let (mut ranges, versions) = entry.versions();
        if role == Role::Adp {
            // CISA writes `0` to `*` where it knows no version.
            ranges.retain(|range| !is_everything(range));
        }
        if ranges.is_empty() && versions.is_empty() {
            ledger.skip(UNVERSIONED);
            continue;
        }
        for name in names {
            products.named(name, ranges.clone(), versions.clone());
        }
    }
    products.into_affected()
}

/// The most products one entry names: it has one list of versions, so more of them are variants.
const NAMES_MAX: usize = 8;

fn names(entry: &AffectedWire<'_>) -> Vec<String> {
    let cpes = entry.cpes.items.iter().take(CPES_READ);
    let cpes = cpes.filter_map(|cpe| cpe.trimmed().parse::<Cpe>().ok());
    let mut names: Vec<String> = cpes
        .map(|cpe| format!("{}/{}", cpe.vendor, cpe.product))
        .collect();
    names.sort();
    names.dedup();
    names.truncate(NAMES_MAX);
    if names.is_empty() {
        let product = [&entry.product, &entry.package];
        let product = product.iter().map(|p| p.trimmed()).find(|p| !p.is_empty());
        names.extend(product::package(
            entry.vendor.trimmed(),
            product.unwrap_or_default(),
        ));
    }
    names
}

/// The most CPE names read of one entry; Microsoft lists one an architecture.
const CPES_READ: usize = 200;

impl AffectedWire<'_> {
    fn versions(&self) -> (Vec<Range>, Vec<String>) {
        let known = self.versions.items.iter().map(|v| &v.value);
        let known =
            known.filter(|v| !matches!(v.kind.trimmed(), "git" | "original_commit_for_fix"));
        if self.default.trimmed().eq_ignore_ascii_case("affected") {
            let known: Vec<&VersionWire<'_>> =
                self.versions.items.iter().map(|v| &v.value).collect();
            return (all_but(&known).into_iter().collect(), Vec::new());
        }
        let (mut ranges, mut versions) = (Vec::new(), Vec::new());
        for wire in known.filter(|v| is_affected(&v.status)) {
            match wire.range() {
                Some(range) => ranges.push(range),
                None => versions.extend(plain(wire.version.trimmed()).map(str::to_owned)),
            }
        }
        (ranges, versions)
    }
}

fn is_everything(range: &Range) -> bool {
    matches!(range.events.as_slice(), [only] if only.version == "0")
}

fn is_affected(status: &Text<'_>) -> bool {
    status.trimmed().eq_ignore_ascii_case("affected")
}

/// A version that can be compared: one word with a digit.
fn plain(version: &str) -> Option<&str> {
    let is_word = !version.contains(char::is_whitespace) && version.len() <= 60;
    let is_version =
        version.bytes().any(|b| b.is_ascii_digit()) && !version.contains(['*', '<', '>']);
    (is_word && is_version).then_some(version)
}

impl VersionWire<'_> {
    /// The range, if the entry is one; `None` for a lone version and for prose.
    fn range(&self) -> Option<Range> {
        let (before, until) = (self.before.trimmed(), self.until.trimmed());
        let version = self.version.trimmed();
        let from = plain(version).filter(|v| *v != "0");
        if before.is_empty() && until.is_empty() && self.changes.items.is_empty() {
            // GitHub writes the whole constraint as the version.
            let is_constraint = version.starts_with(['<', '>']);
            return is_constraint.then(|| bounds(version).map(Bounds::range))?;
        }
        if from.is_none()
            && !matches!(
                version.to_lowercase().as_str(),
                "" | "0" | "*" | "-" | "n/a" | "unspecified" | "all" | "next of"
            )
        {
            return None;
        }
        let end = match (plain(before), plain(until)) {
            (Some(version), _) => Some(Until::Fixed(version)),
            (None, Some(version)) => Some(Until::LastAffected(version)),
            (None, None) => None,
        };
        // `lessThan: *` is no bound, `1.2.*` one that has to be counted on.
        let wildcard = [before, until].into_iter().find_map(after_wildcard);
        let end = end.or(wildcard.as_deref().map(Until::Fixed));
        let is_open = [before, until].contains(&"*") || !self.changes.items.is_empty();
        if end.is_none() && !is_open {
            return None;
        }
        let mut range = Bounds { from, until: end }.range();
        for change in &self.changes.items {
            let Some(at) = plain(change.value.at.trimmed()) else {
                continue;
            };
            let kind = if is_affected(&change.value.status) {
                EventKind::Introduced
            } else {
                EventKind::Fixed
            };
            range.events.push(Event {
                kind,
                version: at.to_owned(),
            });
        }
        Some(range)
    }
}

/// Everything is affected but what is listed as unaffected (the Linux kernel's records): stretches that begin where an
/// unaffected one ends.
fn all_but(versions: &[&VersionWire<'_>]) -> Option<Range> {
    let event = |kind, version: &str| Event {
        kind,
        version: version.to_owned(),
    };
    let affected = versions.iter().filter(|v| is_affected(&v.status));
    let comparable = affected.filter(|v| v.kind.trimmed() != "git");
    let starts: Vec<&str> = comparable
        .filter_map(|v| plain(v.version.trimmed()))
        .collect();
    let mut events = vec![event(EventKind::Introduced, starts.first().unwrap_or(&"0"))];
    let mut is_bounded = !starts.is_empty();
    for wire in versions
        .iter()
        .filter(|v| v.status.trimmed().eq_ignore_ascii_case("unaffected"))
    {
        let version = wire.version.trimmed();
        if wire.kind.trimmed() == "git" {
            continue;
        }
        let (before, until) = (wire.before.trimmed(), wire.until.trimmed());
        let next = plain(before)
            .map(str::to_owned)
            .or_else(|| [before, until].into_iter().find_map(after_wildcard));
        match (plain(version).filter(|v| *v != "0"), next) {
            (Some(fixed), next) => {
                is_bounded = true;
                events.push(event(EventKind::Fixed, fixed));
                events.extend(next.map(|next| event(EventKind::Introduced, &next)));
            }
            (None, Some(next)) => {
                // Unaffected from the start up to here.
                is_bounded = true;
                events.retain(|e| e.version != "0");
                events.push(event(EventKind::Introduced, &next));
            }
            (None, None) => {}
        }
    }
    events.dedup();
    is_bounded.then_some(Range {
        kind: RangeKind::Ecosystem,
        events,
    })
}

/// What comes after every `5.10.*`: `5.11`.
fn after_wildcard(version: &str) -> Option<String> {
    let stem = version.strip_suffix(".*")?;
    let (head, last) = match stem.rsplit_once('.') {
        Some((head, last)) => (Some(head), last),
        None => (None, stem),
    };
    let next = last.parse::<u32>().ok()?.checked_add(1)?;
    Some(match head {
        Some(head) => format!("{head}.{next}"),
        None => next.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: &str) {
        let wire: Lenient<AffectedWire<'_>> = serde_json::from_str(json).unwrap();
        let (ranges, versions) = wire.value.versions();
        let ranges: Vec<String> = ranges
            .iter()
            .map(|r| {
                let events = r
                    .events
                    .iter()
                    .map(|e| format!("{:?} {}", e.kind, e.version));
                events.collect::<Vec<_>>().join(", ")
            })
            .collect();
        assert_eq!(
            format!("{} | {}", ranges.join("; "), versions.join(" ")),
            expected,
            "{json}"
        );
    }

    #[test]
    fn ranges_are_read_in_every_form_of_the_schema() {
        check(
            r#"{"versions":[{"version":"1.0","lessThan":"2.0","status":"affected"},{"version":"3.1","status":"affected"},{"version":"4","status":"unaffected"}]}"#,
            "Introduced 1.0, Fixed 2.0 | 3.1",
        );
        check(
            r#"{"versions":[{"version":"n/a","status":"affected"},{"version":"All","status":"affected"},{"version":"some old ones","status":"affected"}]}"#,
            " | ",
        );
        check(
            r#"{"versions":[{"version":"0","lessThanOrEqual":"2.3","status":"affected"},{"version":">= 1.0, < 1.2","status":"affected"}]}"#,
            "Introduced 0, LastAffected 2.3; Introduced 1.0, Fixed 1.2 | ",
        );
        check(
            r#"{"versions":[{"version":"2.2","lessThan":"*","status":"affected","changes":[{"at":"2.2.16","status":"unaffected"},{"at":"2.3","status":"affected"}]}]}"#,
            "Introduced 2.2, Fixed 2.2.16, Introduced 2.3 | ",
        );
        check(
            r#"{"versions":[{"version":"abc","lessThan":"def","versionType":"git","status":"affected"}]}"#,
            " | ",
        );
    }

    #[test]
    fn a_default_of_affected_leaves_out_what_is_unaffected() {
        check(
            r#"{"defaultStatus":"affected","versions":[{"version":"4.19","status":"affected"},{"version":"0","lessThan":"4.19","status":"unaffected","versionType":"semver"},
            {"version":"5.10.226","lessThanOrEqual":"5.10.*","status":"unaffected","versionType":"semver"},{"version":"6.12","lessThanOrEqual":"*","status":"unaffected","versionType":"original_commit_for_fix"}]}"#,
            "Introduced 4.19, Fixed 5.10.226, Introduced 5.11, Fixed 6.12 | ",
        );
        check(r#"{"defaultStatus":"affected","versions":[]}"#, " | ");
    }
}
