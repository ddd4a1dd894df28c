//! Leaves out of [`Affected::versions`] what a range of the same entry already says.
//!
//! OSV records enumerate versions besides giving ranges (<https://ossf.github.io/osv-schema/#affectedversions-field>); most
//! of a Debian record is that list. What stays is the residue: versions no range covers, and texts that are no version.

use versions::{Range, Scheme, Verdict};

use crate::model::{Advisory, Affected};

/// Drops every listed version that a range covers. Pure and idempotent: callers that parse on several threads run it there,
/// before [`super::Builder::add`], which runs it on whatever still holds such versions.
pub fn drop_covered_versions(advisory: &mut Advisory) {
    advisory.affected.iter_mut().for_each(drop_covered);
}

fn drop_covered(affected: &mut Affected) {
    affected.versions.sort_unstable();
    affected.versions.dedup();
    affected.except.sort_unstable();
    affected.except.dedup();
    if affected.versions.is_empty() {
        return;
    }
    let ecosystem = affected.ecosystem.name();
    let ranges: Vec<(&Range, &'static dyn Scheme)> = affected
        .ranges
        .iter()
        .filter_map(|range| Some((range, range.kind.scheme(ecosystem)?)))
        .collect();
    affected.versions.retain(|version| {
        // What is both listed and excepted is a contradiction of the source, kept for the matching to weigh.
        affected.except.contains(version)
            || !ranges
                .iter()
                .any(|(range, scheme)| covers(range, *scheme, version))
    });
}

fn covers(range: &Range, scheme: &dyn Scheme, version: &str) -> bool {
    // `introduced: "0"` is before every version, so a range of it alone would cover texts the scheme cannot read.
    scheme.validate(version).is_ok()
        && matches!(range.check(scheme, version), Ok(Verdict::Inside { .. }))
}

#[cfg(test)]
mod tests {
    use versions::{Event, EventKind, RangeKind};

    use super::*;

    fn check(ecosystem: &str, listed: &[&str], kept: &[&str]) {
        let texts = |list: &[&str]| list.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
        let event = |kind, version: &str| Event {
            kind,
            version: version.to_owned(),
        };
        let range = Range {
            kind: RangeKind::Ecosystem,
            events: vec![
                event(EventKind::Introduced, "0"),
                event(EventKind::Fixed, "1.2-3"),
            ],
        };
        let mut affected = Affected {
            ecosystem: ecosystem.parse().unwrap(),
            package: "p".to_owned(),
            ranges: vec![range],
            versions: texts(listed),
            except: texts(&["1.1-1"]),
            scores: Vec::new(),
            component: None,
            updates: Vec::new(),
            vendor_state: None,
        };
        drop_covered(&mut affected);
        assert_eq!(affected.versions, kept);
    }

    #[test]
    fn only_versions_outside_the_ranges_stay() {
        check(
            "Debian:12",
            &["1.2-3", "1.2-1", "2.0-1", "1.2-1"],
            &["1.2-3", "2.0-1"],
        );
    }

    #[test]
    fn a_text_that_is_no_version_stays() {
        check("Debian:12", &["not a version", "1.0-1"], &["not a version"]);
    }

    #[test]
    fn an_unknown_ecosystem_keeps_all() {
        check("Nowhere", &["1.0"], &["1.0"]);
    }
}
