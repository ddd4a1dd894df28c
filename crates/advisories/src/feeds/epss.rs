//! EPSS scores as FIRST publishes them (<https://www.first.org/epss/data_stats>): a comment with model and day, a header
//! `cve,epss,percentile`, one row a CVE.
//!
//! Scores jump when the model changes, so the model line is kept beside them.

use base::{Note, Parsed};
use jiff::Timestamp;

use super::ledger::Ledger;
use super::{Document, Feed, Location, json, prose};
use crate::model::{Batch, EpssModel, EpssRow};

/// The feed.
pub struct Epss;

/// Where the header must be for a document to be recognised.
const HEAD_BYTES: usize = 512;

impl Feed for Epss {
    fn id(&self) -> &'static str {
        "epss"
    }

    fn about(&self) -> &'static str {
        "Exploit Prediction Scoring System, daily scores (FIRST)"
    }

    fn locations(&self) -> &'static [Location] {
        &[Location {
            feed: "epss",
            url: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
        }]
    }

    fn recognise(&self, document: &Document<'_>) -> bool {
        let head = &document.bytes[..document.bytes.len().min(HEAD_BYTES)];
        let head = String::from_utf8_lossy(head);
        let mut lines = head.trim_start_matches('\u{FEFF}').lines().map(str::trim);
        let header = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
        header.and_then(Columns::of).is_some()
    }

    fn parse(&self, document: &Document<'_>) -> Parsed<Batch> {
        let mut reading = Reading::default();
        let text = json::text(document.bytes, &mut reading.ledger);
        for (at, line) in text.lines().enumerate() {
            reading.line(at as u64 + 1, line.trim());
        }
        reading.finish()
    }
}

#[derive(Default)]
struct Reading {
    rows: Vec<EpssRow>,
    columns: Option<Columns>,
    model: Option<EpssModel>,
    as_of: Option<Timestamp>,
    ledger: Ledger,
}

/// Where the three columns are.
#[derive(Clone, Copy)]
struct Columns {
    cve: usize,
    score: usize,
    percentile: usize,
}

impl Columns {
    /// A file with a `date` column is a history, many days to a CVE, and not this feed.
    fn of(header: &str) -> Option<Self> {
        let at = |name: &str| {
            let mut columns = header.split(',');
            columns.position(|c| cell(c).eq_ignore_ascii_case(name))
        };
        if at("date").is_some() {
            return None;
        }
        Some(Self {
            cve: at("cve")?,
            score: at("epss")?,
            percentile: at("percentile")?,
        })
    }
}

impl Reading {
    fn line(&mut self, number: u64, line: &str) {
        if line.is_empty() {
            return;
        }
        if let Some(comment) = line.strip_prefix('#') {
            if self.model.is_none() {
                self.model(comment);
            }
            return;
        }
        let Some(columns) = self.columns else {
            self.header(number, line);
            return;
        };
        if !self.ledger.admit() {
            return;
        }
        match row(columns, line) {
            Ok(row) => self.rows.push(row),
            Err(reason) => self.ledger.refuse(reason, Some(number)),
        }
    }

    fn header(&mut self, number: u64, line: &str) {
        self.columns = Columns::of(line);
        if self.columns.is_none() {
            let reason = "line before the header cve,epss,percentile";
            self.ledger.refuse(reason, Some(number));
        }
    }

    /// `model_version:v2025.03.14,score_date:2026-08-16T00:00:00+0000`.
    fn model(&mut self, comment: &str) {
        let field = |name: &str| {
            let mut fields = comment.split(',').filter_map(|f| f.split_once(':'));
            fields
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim())
        };
        let Some(version) = field("model_version") else {
            return;
        };
        let stated = field("score_date").unwrap_or_default();
        let date: Option<jiff::civil::Date> = stated.get(..10).and_then(|d| d.parse().ok());
        self.as_of = prose::instant(stated).or_else(|| prose::instant(&date?.to_string()));
        self.model = Some(EpssModel {
            version: prose::one_line(version),
            date,
        });
    }

    fn finish(mut self) -> Parsed<Batch> {
        if self.columns.is_none() {
            self.ledger
                .note(Note::error("no header cve,epss,percentile"));
        } else if self.model.is_none() {
            self.ledger
                .note(Note::warning("no model line: the scores cannot be dated"));
        }
        let (read, skipped, notes) = self.ledger.close();
        let value = Batch {
            epss: self.rows,
            epss_model: self.model,
            as_of: self.as_of,
            read,
            skipped,
            ..Batch::default()
        };
        Parsed { value, notes }
    }
}

fn row(columns: Columns, line: &str) -> Result<EpssRow, &'static str> {
    let at = |column: usize| line.split(',').nth(column).map(cell).unwrap_or_default();
    Ok(EpssRow {
        cve: at(columns.cve)
            .parse()
            .map_err(|_| "row without a CVE id")?,
        score: probability(at(columns.score)).ok_or("row whose score is not between 0 and 1")?,
        percentile: probability(at(columns.percentile))
            .ok_or("row whose percentile is not between 0 and 1")?,
    })
}

/// No field of this file needs quotes, and some tools write them all the same.
fn cell(text: &str) -> &str {
    text.trim().trim_matches('"')
}

fn probability(text: &str) -> Option<f32> {
    let p: f32 = text.parse().ok()?;
    // Adding zero turns -0, which is within the bounds, into 0.
    (0.0..=1.0).contains(&p).then_some(p + 0.0)
}
