//! Checking the audit chain: each hash anew, each entry against its digest, and what repeats an entry elsewhere against the entry.
//! Any edit, drop or reorder shows; a log that was cut off shows against a head that was written down elsewhere.

use base::Digest;

use super::{LINK, link, named, unpacked};
use crate::chain::{Head, Link, NOTHING};
use crate::connection::Tx;
use crate::error::{Result, StoreError};
use crate::records::RecordKind;
use crate::reports::{self, StoredReport};
use crate::value::{Row, kept_moment, kept_text};
use crate::wire::StoredWhat;
use crate::{package_sets, people};

/// What a look at the chain gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is as it was written.
    Verified(Head),
    /// It is not.
    Broken {
        /// The first entry that is not as it was; one past the end if something is missing there.
        at: u64,
        /// In what way.
        why: String,
    },
}

/// Entries looked at a time.
const PAGE: u64 = 500;

/// Looks at the whole chain, and that it leads to a head that was known before.
///
/// # Errors
/// What the database says; that something is broken is a verdict.
pub fn verify(tx: &Tx<'_>, known: Option<Head>) -> Result<Verdict> {
    let mut walk = Walk {
        at: Head {
            sequence: 0,
            hash: NOTHING,
        },
        reports: 0,
        removals: 0,
        known,
    };
    match walk.run(tx) {
        Ok(()) => Ok(Verdict::Verified(walk.at)),
        Err(Stop::Broken { at, why }) => Ok(Verdict::Broken { at, why }),
        Err(Stop::Failed(error)) => Err(error),
    }
}

enum Stop {
    Broken { at: u64, why: String },
    Failed(StoreError),
}

/// What cannot be read back was changed too.
impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

struct Walk {
    at: Head,
    reports: u64,
    removals: u64,
    known: Option<Head>,
}

impl Walk {
    fn run(&mut self, tx: &Tx<'_>) -> std::result::Result<(), Stop> {
        let link_columns = prefixed("l", LINK);
        let sql = format!(
            "SELECT {link_columns}, l.body, r.host, r.sequence, r.seen_at, r.at, r.source, r.inventory, r.package_set, x.host
             FROM log l LEFT JOIN reports r ON r.sequence = l.sequence LEFT JOIN removals x ON x.sequence = l.sequence
             WHERE l.sequence > $1 ORDER BY l.sequence LIMIT $2"
        );
        loop {
            let rows = tx.query(&sql, &[self.at.sequence.into(), PAGE.into()])?;
            for row in &rows {
                self.step(tx, row)?;
            }
            if rows.is_empty() {
                return self.end(tx);
            }
        }
    }

    fn broken(&self, why: impl Into<String>) -> Stop {
        Stop::Broken {
            at: self.at.sequence + 1,
            why: why.into(),
        }
    }

    fn expect(&self, holds: bool, why: &str) -> std::result::Result<(), Stop> {
        match holds {
            true => Ok(()),
            false => Err(self.broken(why)),
        }
    }

    fn step(&mut self, tx: &Tx<'_>, row: &Row) -> std::result::Result<(), Stop> {
        let unreadable = |error: StoreError| self.broken(error.to_string());
        let found: Link = link(row, 0).map_err(unreadable)?;
        self.expect(
            found.sequence == self.at.sequence + 1,
            "the entry is missing",
        )?;
        self.expect(
            found.previous == self.at.hash,
            "it does not follow the entry ahead of it",
        )?;
        self.expect(
            found.clone().sealed().hash == found.hash,
            "its line does not have its hash",
        )?;
        let packed = row.blob(12).map_err(unreadable)?;
        let (body, what) = unpacked(found.sequence, packed).map_err(unreadable)?;
        self.expect(
            Digest::of(&body) == found.body,
            "its body does not have the digest of its line",
        )?;
        let names = named(&what).map_err(unreadable)?;
        self.expect(
            names == (found.kind.clone(), found.subject.clone()),
            "its body is about something else than its line",
        )?;
        let report = row.opt(13, reports::report).map_err(unreadable)?;
        let removal = row.opt(20, Row::id).map_err(unreadable)?;
        self.repeated(tx, &found, &what, report.as_ref(), removal)?;
        self.at = found.head();
        if self
            .known
            .is_some_and(|known| known.sequence == self.at.sequence && known.hash != self.at.hash)
        {
            return Err(Stop::Broken {
                at: self.at.sequence,
                why: "it is another entry than the head that was known".to_owned(),
            });
        }
        Ok(())
    }

    /// What other tables repeat of an entry is what the entry says.
    fn repeated(
        &mut self,
        tx: &Tx<'_>,
        found: &Link,
        what: &StoredWhat,
        report: Option<&StoredReport>,
        removal: Option<u32>,
    ) -> std::result::Result<(), Stop> {
        let (is_report, is_removal) = (report.is_some(), removal.is_some());
        self.reports += u64::from(is_report);
        self.removals += u64::from(is_removal);
        match what {
            StoredWhat::Reported(said) => {
                let same = report.is_some_and(|row| {
                    let moments = row.seen_at == kept_moment(said.seen_at) && row.at == found.at;
                    let documents = row.inventory == said.inventory && row.package_set == said.set;
                    row.host == said.host
                        && moments
                        && documents
                        && row.source == kept_text(&said.source)
                });
                self.expect(
                    same && !is_removal,
                    "the table of reports says something else",
                )?;
                let set = package_sets::get(tx, &[said.set])
                    .map_err(|error| self.broken(error.to_string()))?;
                self.expect(set.len() == 1, "its package set is missing")
            }
            StoredWhat::Removed(host) => self.expect(
                removal == Some(host.0) && !is_report,
                "the table of removals says something else",
            ),
            StoredWhat::Act(act) => {
                self.expect(
                    !is_report && !is_removal,
                    "another table says that it is something else",
                )?;
                match RecordKind::named(&act.kind) {
                    Some(kind) => self.record(tx, kind, found.sequence, act),
                    None => Ok(()),
                }
            }
            StoredWhat::Catalog(_) => self.expect(
                !is_report && !is_removal,
                "another table says that it is something else",
            ),
        }
    }

    fn record(
        &self,
        tx: &Tx<'_>,
        kind: RecordKind,
        sequence: u64,
        act: &fleet::change::Act,
    ) -> std::result::Result<(), Stop> {
        let digest = crate::records::checked_digest(tx, kind, act.subject, sequence);
        let digest = digest.map_err(|error| self.broken(error.to_string()))?;
        self.expect(
            digest == Some(act.record),
            "its record is missing or another one",
        )
    }

    fn end(&self, tx: &Tx<'_>) -> std::result::Result<(), Stop> {
        let count = |sql: &str| tx.number(sql, &[]).map(i64::cast_unsigned);
        self.expect(
            count("SELECT COUNT(*) FROM reports")? == self.reports,
            "the table of reports has rows of no entry",
        )?;
        self.expect(
            count("SELECT COUNT(*) FROM removals")? == self.removals,
            "the table of removals has rows of no entry",
        )?;
        if let Some(person) = people::first_changed(tx)? {
            return Err(self.broken(format!(
                "the name of person {} is not the one that acted",
                person.0
            )));
        }
        match self.known {
            Some(known) if known.sequence > self.at.sequence => Err(self.broken(format!(
                "the log ends here, and went on to {} when its head was noted",
                known.sequence
            ))),
            _ => Ok(()),
        }
    }
}

fn prefixed(table: &str, columns: &str) -> String {
    let columns: Vec<String> = columns
        .split(", ")
        .map(|column| format!("{table}.{column}"))
        .collect();
    columns.join(", ")
}
