//! A list in words: its cells, and the statement of what it is complete for. Plain text: each format escapes it.

use drawing::text::{count, thousands};

use risk::policy::{Decision, UsedFact};

use crate::listing::{Cell, Column, Gap, Listing};
use crate::wording::{day, first_names, instant, probability, severity, short_digest};

/// How many names stand in one cell.
const NAMES: usize = 3;

/// A cell for people.
pub(super) fn cell(column: &Column, cell: &Cell) -> String {
    match cell {
        Cell::Unknown => column.absent.to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Texts(texts) if texts.is_empty() => column.absent.to_owned(),
        Cell::Texts(texts) => first_names(texts, NAMES),
        Cell::Number(n) => thousands(usize::try_from(*n).unwrap_or(usize::MAX)),
        Cell::Decimal(n) => probability(*n),
        Cell::Flag(true) => "yes".to_owned(),
        Cell::Flag(false) => "no".to_owned(),
        Cell::Time(at) => day(*at),
        Cell::Due {
            by,
            is_overdue,
            unmoved,
        } => {
            let overdue = if *is_overdue { " overdue" } else { "" };
            let moved = unmoved.map(|from| format!(", moved from {}", day(from)));
            format!("{}{overdue}{}", day(*by), moved.unwrap_or_default())
        }
        Cell::Severity(rating) => severity(Some(*rating)).to_owned(),
        // One by its name, several as a number: a row is a line.
        Cell::Hosts(hosts) => hosts.said(1),
        Cell::Decisions(decisions) => {
            let by = |decision: &Decision| format!("{} {}", decision.policy, date(decision));
            let all: Vec<String> = decisions.iter().map(by).collect();
            all.join("; ")
        }
    }
}

fn date(decision: &Decision) -> String {
    decision.by.map_or_else(|| "no date".to_owned(), day)
}

/// What was decided of each row and from what: a heading, and its lines.
pub(super) fn decisions(listing: &Listing) -> Vec<(String, Vec<Line>)> {
    let of_row = |row: &Vec<Cell>| {
        let Some(Cell::Decisions(decisions)) = row.last() else {
            return None;
        };
        let said = |key: &str| {
            let at = listing
                .columns
                .iter()
                .position(|column| column.key == key)?;
            Some(cell(&listing.columns[at], &row[at]))
        };
        let [label, package, version, hosts] =
            ["label", "package", "version", "hosts"].map(|key| said(key).unwrap_or_default());
        let heading = format!("{label} in {package} {version} on {hosts}");
        Some((heading, decisions.iter().flat_map(decision).collect()))
    };
    listing.rows.iter().filter_map(of_row).collect()
}

/// A line of a decision.
pub(super) enum Line {
    /// What a policy decides.
    Decision(String),
    /// From what.
    Fact(String),
}

/// A policy's word, what moved its date, and the facts it was made from.
fn decision(decision: &Decision) -> Vec<Line> {
    let row = match decision.row == decision.outcome {
        true => decision.row.clone(),
        false => format!("{}, {}", decision.row, decision.outcome),
    };
    let actions = decision.actions.iter().map(|action| action.as_str());
    let actions = match actions.collect::<Vec<_>>().join(", ") {
        actions if actions.is_empty() => "nothing to do".to_owned(),
        actions => actions,
    };
    let date = decision
        .by
        .map_or_else(|| "no date".to_owned(), |by| format!("by {}", instant(by)));
    let policy = &decision.policy;
    let mut lines = vec![Line::Decision(format!(
        "{policy}: {actions} {date} ({row})"
    ))];
    if let Some(by) = decision.triage_by {
        lines.push(Line::Fact(format!("triage by {}", instant(by))));
    }
    lines.extend(decision.moved.iter().map(|moved| {
        Line::Fact(format!(
            "moved by {} {} ({}); without it {}",
            moved.by.as_str(),
            day(moved.at),
            moved.source,
            instant(moved.from)
        ))
    }));
    lines.extend(decision.facts.iter().map(|fact| Line::Fact(said(fact))));
    lines
}

/// `exposed unknown, assumed yes (owner)`.
fn said(fact: &UsedFact) -> String {
    let value = fact.value.as_deref().unwrap_or("unknown");
    let assumed = fact.assumed.as_ref();
    let assumed = assumed.map_or_else(String::new, |assumed| format!(", assumed {assumed}"));
    format!("{} {value}{assumed} ({})", fact.name, fact.source)
}

/// The columns people are shown, each with its place.
pub(super) fn shown(listing: &Listing) -> Vec<(usize, &Column)> {
    let all = listing.columns.iter().enumerate();
    all.filter(|(_, c)| !c.heading.is_empty()).collect()
}

/// What the list is complete for, a line each.
pub(super) fn statement(listing: &Listing) -> Vec<String> {
    let s = &listing.statement;
    let asked = match s.query.as_str() {
        "" => "everything".to_owned(),
        query => query.to_owned(),
    };
    let parameters: Vec<String> = s
        .parameters
        .iter()
        .map(|(name, value)| format!("{name} {value}"))
        .collect();
    let parameters = match parameters.as_slice() {
        [] => String::new(),
        some => format!("; {}", some.join(", ")),
    };
    let as_of = match s.as_of {
        Some(at) => format!("as of {}, made {}", instant(at), instant(s.now)),
        None => format!("as of {}", instant(s.now)),
    };
    let catalog = match s.catalog.as_str() {
        "" => "no catalog".to_owned(),
        digest => format!("catalog {}", short_digest(digest)),
    };
    let mut lines = vec![
        format!("{}{}", totals(listing), rest(listing)),
        format!("Asked for: {asked}{parameters}"),
        format!("On {}, {as_of}, {catalog}", count(s.hosts, "host", "hosts")),
    ];
    lines.extend(s.gaps.iter().map(gap));
    if s.gaps.is_empty() {
        lines.push("No host is known that it cannot answer for".to_owned());
    }
    lines
}

fn totals(listing: &Listing) -> String {
    count(listing.statement.total, listing.noun.0, listing.noun.1)
}

/// `, of which 51 to 100 are shown: --offset 100 for more`.
fn rest(listing: &Listing) -> String {
    let (from, shown) = (listing.statement.offset, listing.rows.len());
    let to = from.saturating_add(shown);
    if shown == 0 || (from == 0 && to >= listing.statement.total) {
        return String::new();
    }
    let more = match to < listing.statement.total {
        true => format!(": --offset {to} for more"),
        false => String::new(),
    };
    format!(
        ", of which {} to {} are shown{more}",
        thousands(from.saturating_add(1)),
        thousands(to)
    )
}

/// `Cannot answer for 22 hosts: a, b and 20 more: did not report for more than 24 hours`.
fn gap(gap: &Gap) -> String {
    let detail = match gap.detail.as_str() {
        "" => String::new(),
        detail => format!(" ({detail})"),
    };
    format!(
        "Cannot answer for {}: {}{detail}",
        gap.hosts.said(NAMES),
        gap.kind.words()
    )
}
