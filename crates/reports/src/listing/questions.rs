//! The list of open questions (`daywatch.questions/1`): what nobody says, by how many deadlines an answer moves.

use super::Listing;
use super::cell::{Cell, Column};
use super::statement::Statement;
use crate::briefing::Hosts;

/// A question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuestionRow {
    /// How many deadlines the answer that moves most of them moves.
    pub deadlines: u64,
    /// For people: `are lb-03..09 reachable from outside?`
    pub question: String,
    /// How many deadlines each answer moves: `yes 19`.
    pub moves: Vec<String>,
    /// The command that answers.
    pub answer: String,
    /// The vulnerability, where it is about one.
    pub vulnerability: Option<String>,
    /// The hosts whose deadlines would move.
    pub hosts: Hosts,
}

static COLUMNS: &[Column] = &[
    Column::shown("deadlines", "Deadlines").whole(),
    Column::shown("question", "Question"),
    Column::data("moves"),
    Column::shown("answer", "Answer with"),
    Column::data("vulnerability"),
    Column::data("hosts"),
];

impl QuestionRow {
    fn cells(self) -> Vec<Cell> {
        vec![
            Cell::Number(self.deadlines),
            Cell::Text(self.question),
            Cell::Texts(self.moves),
            Cell::Text(self.answer),
            Cell::text(self.vulnerability),
            Cell::Hosts(self.hosts),
        ]
    }
}

/// The list of some questions.
pub fn questions(statement: Statement, rows: Vec<QuestionRow>) -> Listing {
    Listing {
        schema: "daywatch.questions/1",
        noun: ("question", "questions"),
        columns: COLUMNS,
        rows: rows.into_iter().map(QuestionRow::cells).collect(),
        unfiltered: "daywatch findings questions",
        statement,
    }
}
