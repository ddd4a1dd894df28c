//! Hosts by their names, asked about together: `lb-03` to `lb-09` are one family, and told as `lb-03..09`.

use std::collections::BTreeMap;

use crate::life::Member;

/// A name taken apart: what stands before the last number of its first label, the number's digits, and the rest.
type Parts<'a> = (&'a str, &'a str, &'a str);

fn parts(name: &str) -> Parts<'_> {
    let label = name.find('.').unwrap_or(name.len());
    let first = &name[..label];
    let Some(end) = first.rfind(|c: char| c.is_ascii_digit()).map(|at| at + 1) else {
        return (name, "", "");
    };
    let start = first[..end].rfind(|c: char| !c.is_ascii_digit());
    let start = start.map_or(0, |at| {
        at + first[at..].chars().next().map_or(1, char::len_utf8)
    });
    (&name[..start], &name[start..end], &name[end..])
}

/// Which family each host is of.
pub(super) struct Families {
    of_host: Vec<usize>,
}

impl Families {
    /// Hosts are of one family if they are in one zone and their names differ in the number only.
    pub(super) fn of(members: &[Member]) -> Self {
        let mut known: BTreeMap<(&str, &str, bool, Option<&str>), usize> = BTreeMap::new();
        let mut of_host = Vec::with_capacity(members.len());
        for member in members {
            let (before, number, after) = parts(&member.name.name);
            let zone = member.asset.zone.as_deref();
            let next = known.len();
            let family = *known
                .entry((before, after, number.is_empty(), zone))
                .or_insert(next);
            of_host.push(family);
        }
        Self { of_host }
    }

    /// How many families there are.
    pub(super) fn len(&self) -> usize {
        self.of_host.iter().max().map_or(0, |last| last + 1)
    }

    /// The family of each host.
    pub(super) fn of_hosts(&self) -> &[usize] {
        &self.of_host
    }
}

/// Hosts in words: `lb-03..09`, `web-1, web-3 and 5 more`.
pub(super) fn words(hosts: &[usize], members: &[Member]) -> String {
    const NAMED: usize = 3;
    let names = hosts.iter().map(|&host| members[host].name.name.as_str());
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    if let Some(range) = range(&names) {
        return range;
    }
    match names.len() {
        0..=NAMED => names.join(", "),
        all => format!(
            "{} and {} more",
            names[..NAMED - 1].join(", "),
            all + 1 - NAMED
        ),
    }
}

/// Names that count up without a gap.
fn range(names: &[&str]) -> Option<String> {
    let (before, _, after) = parts(names.first()?);
    let mut numbers = Vec::with_capacity(names.len());
    for name in names {
        let (b, number, a) = parts(name);
        if (b, a) != (before, after) {
            return None;
        }
        numbers.push((number.parse::<u32>().ok()?, number));
    }
    numbers.sort_unstable();
    let is_rising = numbers
        .windows(2)
        .all(|two| two[0].0.checked_add(1) == Some(two[1].0));
    let ((_, first), (_, last)) = (numbers.first()?, numbers.last()?);
    (names.len() > 1 && is_rising).then(|| format!("{before}{first}..{last}{after}"))
}

/// Hosts as arguments of a command: by name where that is a word to every shell, else by number.
pub(super) fn arguments(hosts: &[usize], members: &[Member]) -> String {
    let is_word = |name: &str| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_plain)
    };
    let argument = |&host: &usize| {
        let name = &members[host].name;
        match is_word(&name.name) {
            true => name.name.clone(),
            false => name.id.to_string(),
        }
    };
    hosts.iter().map(argument).collect::<Vec<_>>().join(" ")
}
