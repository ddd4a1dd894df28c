//! Our findings beside another scanner's: the same, only theirs, only ours, each with a reason (`daywatch.comparison/1`).

use drawing::escape::printable;
use drawing::style::{Ink, Style};
use drawing::text::{count, paragraph};
use serde_json::{Value, json};

/// A comparison of two results for the same targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The other scanner: `trivy`, `grype`, `osv-scanner`.
    pub other: String,
    /// Vulnerabilities both found on a package.
    pub same: Vec<Pair>,
    /// Found only by the other, and what we know of it.
    pub only_them: Vec<Difference>,
    /// Found only by us, and why.
    pub only_us: Vec<Difference>,
    /// What of the other's file could not be read.
    pub notes: Vec<String>,
}

/// A vulnerability on a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The id, as its finder names it.
    pub id: String,
}

/// One side's finding with the reason why the other side has none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// The finding.
    pub pair: Pair,
    /// A word to count by: `fixed-by-backport`, `no-record`, `not-installed`, `not-matched-by-them`.
    pub reason: String,
    /// In a sentence.
    pub detail: String,
}

impl Comparison {
    /// For a terminal or a file.
    pub fn to_text(&self, style: Style) -> String {
        let mut out = format!(
            "{} found by both, {} only by {}, {} only by daywatch\n",
            self.same.len(),
            self.only_them.len(),
            self.other,
            self.only_us.len()
        );
        write_side(
            &mut out,
            &format!("Only {}", self.other),
            &self.only_them,
            style,
        );
        write_side(&mut out, "Only daywatch", &self.only_us, style);
        for note in &self.notes {
            out.push_str(&style.paint(Ink::Warn, &format!("note: {}\n", printable(note))));
        }
        out
    }

    /// `daywatch.comparison/1`.
    pub fn to_json(&self) -> String {
        let value = json!({
            "schema": "daywatch.comparison/1",
            "other": self.other,
            "same": self.same.iter().map(|p| json!({"package": p.package, "version": p.version, "id": p.id})).collect::<Vec<_>>(),
            "only_them": self.only_them.iter().map(difference_json).collect::<Vec<_>>(),
            "only_us": self.only_us.iter().map(difference_json).collect::<Vec<_>>(),
            "notes": self.notes,
        });
        format!("{value:#}\n")
    }
}

fn write_side(out: &mut String, title: &str, side: &[Difference], style: Style) {
    if side.is_empty() {
        return;
    }
    out.push_str(&format!("\n{}\n", style.paint(Ink::Strong, title)));
    let mut reasons: Vec<&str> = side.iter().map(|d| d.reason.as_str()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    for reason in reasons {
        let those: Vec<&Difference> = side.iter().filter(|d| d.reason == reason).collect();
        let head = format!(
            "  {} ({})\n",
            reason,
            count(those.len(), "finding", "findings")
        );
        out.push_str(&style.paint(Ink::Name, &head));
        for difference in those {
            let pair = &difference.pair;
            out.push_str(&format!(
                "    {} {} {}\n",
                printable(&pair.id),
                printable(&pair.package),
                printable(&pair.version)
            ));
            out.push_str(&paragraph(
                "      ",
                "      ",
                &printable(&difference.detail),
                style.columns(),
            ));
            out.push('\n');
        }
    }
}

fn difference_json(d: &Difference) -> Value {
    json!({"package": d.pair.package, "version": d.pair.version, "id": d.pair.id, "reason": d.reason, "detail": d.detail})
}
