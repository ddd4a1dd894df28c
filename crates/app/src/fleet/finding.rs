//! `findings show`: one vulnerability on every host, set aside and mitigated ones too, with what each policy decides and from
//! which facts.

use fleet::group::FindingGroup;
use reports::listing::{self, Listing, Statement};

use crate::fleet::lists::{row, statement};
use crate::fleet::view::View;

/// Which one.
#[derive(Clone, Debug, Default)]
pub struct ShowQuery {
    /// A CVE or any id.
    pub id: String,
    /// Rows before the first that is shown.
    pub offset: usize,
    /// Rows that are shown.
    pub limit: usize,
}

/// Everywhere it stands, what is due first before the rest.
pub fn show(view: &View, groups: &[FindingGroup], query: &ShowQuery) -> Listing {
    let is_it = |group: &&FindingGroup| group.finding.is_called(&query.id);
    let mut found: Vec<&FindingGroup> = groups.iter().filter(is_it).collect();
    found.sort_by_key(|group| {
        let due = group.finding.due();
        (due.is_none(), due)
    });
    let statement = Statement {
        query: format!("id {}", query.id),
        parameters: vec![("limit".to_owned(), query.limit.to_string())],
        total: found.len(),
        offset: query.offset,
        ..statement(view)
    };
    let page = found.into_iter().skip(query.offset).take(query.limit);
    let decided = page.map(|group| {
        let decisions = group.finding.decisions.clone();
        (row(view, group, &group.targets), decisions)
    });
    listing::decided(statement, decided.collect())
}
