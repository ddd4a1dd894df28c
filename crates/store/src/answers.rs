//! "Same host?": what somebody answered, in the order of the log. An answer that is taken back is a later answer, so that a merge
//! holds from its entry on until it is undone, and the directory of any place in the log can be made again.

use base::HostId;
use fleet::identity::Answer;

use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::value::Row;

/// What somebody said of two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenAnswer {
    /// One of them; of two that are the same, the one whose number goes on.
    pub one: HostId,
    /// The other.
    pub other: HostId,
    /// What was said.
    pub answer: Answer,
    /// The entry of the log with which we learned it.
    pub learned: u64,
}

/// Adds an answer.
///
/// # Errors
/// When a host is not known, they are one, the entry has an answer about them already, and what the database says.
pub fn give(tx: &Tx<'_>, given: &GivenAnswer) -> Result<()> {
    if given.one == given.other {
        return Err(StoreError::refused(format!("{} is itself", given.one)));
    }
    tx.execute(
        "INSERT INTO answers (learned, one, other, answer) VALUES ($1, $2, $3, $4)",
        &[
            given.learned.into(),
            given.one.0.into(),
            given.other.0.into(),
            given.answer.as_str().into(),
        ],
    )?;
    Ok(())
}

/// All answers up to a place in the log, in their order.
///
/// # Errors
/// When one is damaged, and what the database says.
pub fn at(tx: &Tx<'_>, sequence: u64) -> Result<Vec<GivenAnswer>> {
    let sql = "SELECT learned, one, other, answer FROM answers WHERE learned <= $1
               ORDER BY learned, one, other";
    let rows = tx.query(sql, &[sequence.into()])?;
    rows.iter().map(answer).collect()
}

fn answer(row: &Row) -> Result<GivenAnswer> {
    let word = row.text(3)?;
    let all = [Answer::Same, Answer::Different, Answer::TakenBack];
    let answer = all.into_iter().find(|answer| answer.as_str() == word);
    Ok(GivenAnswer {
        one: HostId(row.id(1)?),
        other: HostId(row.id(2)?),
        answer: answer
            .ok_or_else(|| StoreError::damaged("answers", format!("{word:?} is none")))?,
        learned: row.sequence(0)?,
    })
}
