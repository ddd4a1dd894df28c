//! Applicability statements: which products, at which versions, and where. NVD writes them as `configurations`, CVE records
//! as `cpeApplicability` (<https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema>).
//!
//! A statement is a tree of two levels: products joined by OR in a node, nodes joined by AND in a configuration. What is not
//! vulnerable itself (a platform to run on) is a condition; it is kept in words, because no inventory answers it for sure.

use std::collections::BTreeMap;

use base::{Cpe, Ecosystem};
use versions::Range;

use super::ledger::Ledger;
use super::product::{Bounds, Until};
use super::wire::{Lenient, List, Text, Truth, wire};
use crate::model::{Affected, PRODUCT};

wire! {
    /// `configurations[]`.
    pub(super) struct ConfigurationWire<'a> {
        "operator" => operator: Text<'a>,
        "negate" => negate: Truth,
        "nodes" => nodes: List<Lenient<NodeWire<'a>>>,
    }
}

wire! {
    /// `nodes[]`.
    struct NodeWire<'a> {
        "operator" => operator: Text<'a>,
        "negate" => negate: Truth,
        "cpeMatch" => matches: List<Lenient<MatchWire<'a>>>,
    }
}

wire! {
    /// `cpeMatch[]`.
    struct MatchWire<'a> {
        "vulnerable" => vulnerable: Truth,
        "criteria" => criteria: Text<'a>,
        "versionStartIncluding" => from: Text<'a>,
        "versionStartExcluding" => after: Text<'a>,
        "versionEndExcluding" => before: Text<'a>,
        "versionEndIncluding" => until: Text<'a>,
    }
}

/// Puts entries of one product together; an entry is known by its package and its condition.
#[derive(Default)]
pub(super) struct Products {
    all: BTreeMap<(String, Option<String>), Versions>,
}

/// The versions of one product.
#[derive(Default)]
struct Versions {
    ranges: Vec<Range>,
    versions: Vec<String>,
    except: Vec<String>,
}

const NEGATED: &str = "applicability left out: it says what is not affected";
const UNVERSIONED: &str = "product left out: no version is named";
const NO_CPE: &str = "product left out: not a CPE name";

impl Products {
    /// Adds what a configuration says is vulnerable.
    pub(super) fn configuration(&mut self, wire: &ConfigurationWire<'_>, ledger: &mut Ledger) {
        if wire.negate.0 == Some(true) {
            ledger.skip(NEGATED);
            return;
        }
        let is_and = |operator: &Text<'_>| operator.trimmed().eq_ignore_ascii_case("AND");
        let nodes = || wire.nodes.items.iter().map(|node| &node.value);
        let everywhere = is_and(&wire.operator)
            .then(|| {
                condition(
                    nodes()
                        .flat_map(|node| &node.matches.items)
                        .map(|m| &m.value),
                )
            })
            .flatten();
        for node in nodes() {
            if node.negate.0 == Some(true) {
                ledger.skip(NEGATED);
                continue;
            }
            let here = is_and(&node.operator)
                .then(|| condition(node.matches.items.iter().map(|m| &m.value)))
                .flatten();
            let condition = here.or_else(|| everywhere.clone());
            for wire in &node.matches.items {
                self.add(&wire.value, condition.clone(), ledger);
            }
        }
    }

    fn add(&mut self, wire: &MatchWire<'_>, condition: Option<String>, ledger: &mut Ledger) {
        if wire.vulnerable.0 != Some(true) {
            return;
        }
        let Ok(cpe) = wire.criteria.trimmed().parse::<Cpe>() else {
            ledger.skip(NO_CPE);
            return;
        };
        let name = format!("{}/{}", cpe.vendor, cpe.product);
        let condition = condition.filter(|c| !is_itself(c, &cpe));
        let said = |text: &Text<'_>| Some(text.trimmed().to_owned()).filter(|t| !t.is_empty());
        let (from, after) = (said(&wire.from), said(&wire.after));
        let (before, until) = (said(&wire.before), said(&wire.until));
        let has_bounds = [&from, &after, &before, &until].iter().any(|b| b.is_some());
        let is_any = matches!(version_field(wire.criteria.trimmed()), Some("*"));
        if !has_bounds && cpe.version.is_none() && !is_any {
            ledger.skip(UNVERSIONED);
            return;
        }
        let product = self.all.entry((name, condition)).or_default();
        if let (false, Some(version)) = (has_bounds, &cpe.version) {
            product
                .versions
                .push(with_update(version, cpe.update.as_deref()));
            return;
        }
        let last = until.as_deref().map(Until::LastAffected);
        let bounds = Bounds {
            from: from.as_deref().or(after.as_deref()),
            until: before.as_deref().map(Until::Fixed).or(last),
        };
        product.ranges.push(bounds.range());
        product.except.extend(after);
    }

    /// Adds a product by name with what is said of its versions.
    pub(super) fn named(&mut self, package: String, ranges: Vec<Range>, versions: Vec<String>) {
        let product = self.all.entry((package, None)).or_default();
        product.ranges.extend(ranges);
        product.versions.extend(versions);
    }

    /// Every product, each list sorted and without repetitions.
    pub(super) fn into_affected(self) -> Vec<Affected> {
        let each = |((package, component), mut of): ((String, Option<String>), Versions)| {
            of.ranges.sort_by_cached_key(|range| format!("{range:?}"));
            of.ranges.dedup();
            for list in [&mut of.versions, &mut of.except] {
                list.sort();
                list.dedup();
            }
            Affected {
                ecosystem: Ecosystem::new(PRODUCT),
                package,
                ranges: of.ranges,
                versions: of.versions,
                except: of.except,
                scores: Vec::new(),
                component,
                updates: Vec::new(),
                vendor_state: None,
            }
        };
        self.all.into_iter().map(each).collect()
    }
}

/// `5.0` or `5.0 sp1`.
pub(super) fn with_update(version: &str, update: Option<&str>) -> String {
    match update {
        Some(update) => format!("{version} {update}"),
        None => version.to_owned(),
    }
}

/// The version of a formatted string as written, `*` and `-` included.
fn version_field(criteria: &str) -> Option<&str> {
    // Vendor and product may hold an escaped colon, the version of those that do is then read as named.
    criteria.split(':').nth(5)
}

/// The most platforms named in a condition.
const PLATFORMS_SHOWN: usize = 3;

/// What must be there too, in words; `None` where there is nothing.
fn condition<'m>(matches: impl Iterator<Item = &'m MatchWire<'m>>) -> Option<String> {
    let mut names: Vec<String> = matches
        .filter(|m| m.vulnerable.0 != Some(true))
        .take(PLATFORMS_READ)
        .filter_map(|m| m.criteria.trimmed().parse::<Cpe>().ok())
        .map(|cpe| format!("{}/{}", cpe.vendor, cpe.product))
        .collect();
    names.sort();
    names.dedup();
    let rest = names.len().saturating_sub(PLATFORMS_SHOWN);
    names.truncate(PLATFORMS_SHOWN);
    let others = if rest > 0 { " or others" } else { "" };
    (!names.is_empty()).then(|| format!("with {}{others}", names.join(" or ")))
}

/// Conditions of hundreds of platforms say "everywhere".
const PLATFORMS_READ: usize = 64;

/// Firmware runs on the device it is named for; that is no condition.
fn is_itself(condition: &str, cpe: &Cpe) -> bool {
    let device = cpe.product.strip_suffix("_firmware");
    device.is_some_and(|device| condition == format!("with {}/{device}", cpe.vendor))
}
