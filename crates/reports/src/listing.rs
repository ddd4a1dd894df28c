//! The lists a command prints (findings, hosts, changes, decisions, questions): rows in columns, and the statement of what the list is complete for.
//!
//! A list without its statement is a claim nobody can check. [`Statement`] says what was asked, how much there is, as of when
//! and by which catalog, and which hosts it cannot answer for.

mod cell;
mod changes;
mod decisions;
mod findings;
mod hosts;
mod known_hosts;
mod questions;
mod same_hosts;
mod statement;

pub use cell::{Cell, Column};
pub use changes::{ChangeRow, changes};
pub use decisions::{DecisionRow, decisions};
pub use findings::{FindingRow, State, decided, findings};
pub use hosts::{FoundRow, HostRow, hosts, hosts_found};
pub use known_hosts::{KnownRow, known_hosts};
pub use questions::{QuestionRow, questions};
pub use same_hosts::{PairRow, same_hosts};
pub use statement::{Gap, GapKind, Statement};

/// A list, ready to be written in any format.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// `daywatch.findings/1`: one for each kind of list.
    pub schema: &'static str,
    /// What a row is: `finding` and `findings`; the second is also the name of the list in JSON.
    pub noun: (&'static str, &'static str),
    /// What it is complete for.
    pub statement: Statement,
    /// The columns.
    pub columns: &'static [Column],
    /// The rows; each has as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// The command that lists the same without a filter.
    pub unfiltered: &'static str,
}

impl Listing {
    /// What to do when there is no row, in a sentence; `None` where there are rows.
    pub fn next_step(&self) -> Option<String> {
        let s = &self.statement;
        if !self.rows.is_empty() {
            return None;
        }
        Some(if s.hosts == 0 {
            "No host is known yet. Next: daywatch hosts import FILE".to_owned()
        } else if s.total > 0 {
            format!(
                "Nothing from row {} on; there are {}. Next: a smaller --offset",
                s.offset.saturating_add(1),
                drawing::text::count(s.total, self.noun.0, self.noun.1)
            )
        } else if s.query.is_empty() {
            format!("No {}. Next: see what it cannot answer for", self.noun.1)
        } else {
            format!(
                "No {} for this question. Next: {}",
                self.noun.1, self.unfiltered
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hosts: usize, total: usize, query: &str, expected: &str) {
        let statement = Statement {
            hosts,
            total,
            query: query.to_owned(),
            offset: 40,
            ..Statement::default()
        };
        assert_eq!(
            findings(statement, vec![]).next_step().as_deref(),
            Some(expected)
        );
    }

    #[test]
    fn an_empty_list_says_what_to_do_next() {
        check(
            0,
            0,
            "",
            "No host is known yet. Next: daywatch hosts import FILE",
        );
        check(
            3,
            7,
            "",
            "Nothing from row 41 on; there are 7 findings. Next: a smaller --offset",
        );
        check(3, 0, "", "No findings. Next: see what it cannot answer for");
        check(
            3,
            0,
            "kev",
            "No findings for this question. Next: daywatch findings list",
        );
    }
}
