//! What opened, closed and came back between two moments, net, from the log: the list behind the numbers of a briefing.

use fleet::group::FindingGroup;
use fleet::index::Turn;
use jiff::Timestamp;
use reports::listing::{self, ChangeRow, Listing, Statement};

use crate::fleet::lists::{page, statement};
use crate::fleet::turned::Turned;
use crate::fleet::view::View;

/// The turns that are told, in their order, by the words of the briefing.
const TOLD: [(Turn, &str); 4] = [
    (Turn::Opened, "new"),
    (Turn::Reopened, "reopened"),
    (Turn::Fixed, "fixed"),
    (Turn::Cleared, "gone"),
];

/// Which rows.
#[derive(Clone, Copy, Debug)]
pub struct ChangeQuery {
    /// After this moment. The view must have been asked to tell what came after it.
    pub since: Timestamp,
    /// Rows before the first that is shown.
    pub offset: usize,
    /// Rows that are shown.
    pub limit: usize,
}

/// The changes up to the view's moment: the newest kind of news first, in each the worst first.
pub fn changes(view: &View, groups: &[FindingGroup], query: ChangeQuery) -> Listing {
    let turned = Turned::of(view, query.since);
    let mut rows = Vec::new();
    let mut sums = Vec::new();
    for (turn, word) in TOLD {
        let mut of_turn = turned.changes(turn, groups);
        of_turn.sort_by(|a, b| {
            let urgency = |c: &super::turned::Change| (c.group.known_exploited, c.group.severity);
            let place = |c: &super::turned::Change| (c.group.id.clone(), c.group.key.clone());
            urgency(b)
                .cmp(&urgency(a))
                .then_with(|| place(a).cmp(&place(b)))
        });
        let findings: usize = of_turn.iter().map(|one| one.findings).sum();
        sums.push(format!("{word} {findings}"));
        let told = of_turn.into_iter();
        rows.extend(told.map(|one| ChangeRow::of_group(word, one.group, Some(one.at))));
    }
    let statement = Statement {
        query: format!("from {} to {}", query.since, view.at),
        parameters: vec![
            ("findings".to_owned(), sums.join(", ")),
            ("limit".to_owned(), query.limit.to_string()),
        ],
        total: rows.len(),
        offset: query.offset,
        ..statement(view)
    };
    listing::changes(statement, page(rows, query.offset, query.limit))
}
