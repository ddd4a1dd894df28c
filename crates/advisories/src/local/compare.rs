//! Where a local advisory and the vendor's record of the same vulnerability part, in words: what was decided on the first is
//! looked at again where they do.

use std::collections::BTreeMap;

use versions::EventKind;

use crate::model::{Advisory, Affected};
use crate::names;

/// The differences, one sentence each; none where both say the same. Other ids and references are no difference.
pub fn differences(local: &Advisory, vendor: &Advisory) -> Vec<String> {
    let (ours, theirs) = (&local.id, &vendor.id);
    let mut found = Vec::new();
    if vendor.withdrawn.is_some() {
        found.push(format!("{theirs} was withdrawn; {ours} still counts"));
    }
    if let (Some(our), Some(their)) = (local.severity, vendor.severity)
        && our != their
    {
        found.push(format!("{ours} is {our}, {theirs} says {their}"));
    }
    if let (Some(claim), None) = (&local.exploited, &vendor.exploited) {
        let says = &claim.says;
        found.push(format!(
            "{ours} is exploited, says {says}; {theirs} does not say so"
        ));
    }
    let (our, their) = (stretches(local), stretches(vendor));
    for ((ecosystem, package), stretch) in &our {
        match their.get(&(ecosystem.clone(), package.clone())) {
            None => found.push(format!(
                "{theirs} does not name {package} of {ecosystem}, {ours} does ({stretch})"
            )),
            Some(other) if other != stretch => found.push(format!(
                "{package} of {ecosystem}: {ours} has {stretch}, {theirs} has {other}"
            )),
            Some(_) => {}
        }
    }
    for ((ecosystem, package), stretch) in &their {
        if !our.contains_key(&(ecosystem.clone(), package.clone())) {
            found.push(format!(
                "{theirs} also names {package} of {ecosystem} ({stretch})"
            ));
        }
    }
    found
}

/// For each package of a release the affected versions, in words.
fn stretches(advisory: &Advisory) -> BTreeMap<(String, String), String> {
    let mut all: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for entry in &advisory.affected {
        let ecosystem = entry.ecosystem.to_string();
        let package = names::normalise(entry.ecosystem.name(), &entry.package).into_owned();
        all.entry((ecosystem, package))
            .or_default()
            .extend(words(entry));
    }
    let in_order = |mut list: Vec<String>| {
        list.sort();
        list.dedup();
        match list.is_empty() {
            true => "no version".to_owned(),
            false => list.join(" or "),
        }
    };
    all.into_iter()
        .map(|(name, list)| (name, in_order(list)))
        .collect()
}

fn words(entry: &Affected) -> Vec<String> {
    let of_range = entry.ranges.iter().map(|range| {
        let bounds = range.events.iter().filter(|event| event.version != "0");
        let bounds: Vec<String> = bounds
            .map(|event| match event.kind {
                EventKind::Introduced => format!(">= {}", event.version),
                EventKind::Fixed | EventKind::Limit => format!("< {}", event.version),
                EventKind::LastAffected => format!("<= {}", event.version),
            })
            .collect();
        match bounds.is_empty() {
            true => "every version".to_owned(),
            false => bounds.join(", "),
        }
    });
    let single = entry.versions.iter().map(|version| format!("= {version}"));
    of_range.chain(single).collect()
}
