//! Other tools' results as findings: the verdict is theirs, the facts joined to it and what follows are ours.
//!
//! The flow: [`read`] finds the [`Reader`] that knows a file (`imported/`, one file a format) and gives [`Imported`]; [`judge`]
//! joins KEV, EPSS, SSVC and the policies; [`Merge`] puts the findings beside our own, and what both found stays once, as ours.
//!
//! A report is hostile text like any other input: no entity of a document type is expanded, sizes, depth and counts are
//! bounded, and of prose only the title is taken, as one plain line without markup.

mod greenbone;
mod grype;
mod ids;
mod json;
mod judge;
mod line;
mod merge;
mod nessus;
mod osv_scanner;
mod qualys;
mod qualys_csv;
mod rating;
mod sarif;
mod trivy;
mod xml;

use base::{CveId, Limit, Note, Parsed, Severity};
use inventory::{Location, Package};
use matching::FixState;

pub use judge::judge;
pub use merge::Merge;

/// The largest report of another tool read.
pub const IMPORTED_BYTES: Limit = Limit::new("results-bytes", 1 << 30);
/// Findings of one report.
pub const IMPORTED_FINDINGS: Limit = Limit::new("results-findings", 2_000_000);
/// How much of a file is looked at to tell what it is.
pub const HEAD_BYTES: usize = 64 << 10;

/// A format other tools write their results in: one file here, one line in [`READERS`].
pub trait Reader: Sync {
    /// `trivy`, `nessus`: unique.
    fn id(&self) -> &'static str;

    /// One line for people: the tool, and the version of its format that is read.
    fn about(&self) -> &'static str;

    /// Whether the beginning of a file ([`HEAD_BYTES`]) is of this format.
    fn recognise(&self, head: &str) -> bool;

    /// Everything that is understood, and notes for what is not.
    fn parse(&self, bytes: &[u8]) -> Parsed<Imported>;
}

/// Every format, in the order they are asked.
pub static READERS: &[&dyn Reader] = &[
    &trivy::Trivy,
    &grype::Grype,
    &osv_scanner::OsvScanner,
    &sarif::Sarif,
    &nessus::Nessus,
    &qualys::Qualys,
    &qualys_csv::QualysCsv,
    &greenbone::Greenbone,
];

/// What a tool reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// Who says so: `trivy 0.74.0`, or the name alone where the report gives no version.
    pub tool: String,
    /// The things it looked at, in the order of the report.
    pub subjects: Vec<Subject>,
}

/// One thing a tool looked at: an image, a directory, a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subject {
    /// How the tool names it; `None` where the report does not say.
    pub name: Option<String>,
    /// Who says so, where one report holds the words of several tools.
    pub tool: Option<String>,
    /// Names of the packages it saw, vulnerable or not; empty where it lists only the vulnerable ones.
    pub packages: Vec<String>,
    /// What it found.
    pub findings: Vec<ImportedFinding>,
}

/// A finding in another tool's words.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportedFinding {
    /// The tool's own id first: `CVE-2023-0286`, `nessus-156860`.
    pub id: String,
    /// Every other id.
    pub aliases: Vec<String>,
    /// Every CVE it names, sorted.
    pub cves: Vec<CveId>,
    /// The package with version, ecosystem and places; a network scanner's own title stands for the name.
    pub package: Package,
    /// Versions that fix it, as the tool says.
    pub fixed: Vec<String>,
    /// What it says of a fix.
    pub fix_state: FixState,
    /// How it rates it.
    pub severity: Option<Severity>,
    /// CVSS vectors it gives, with their sources.
    pub vectors: Vec<(String, String)>,
    /// One plain line.
    pub title: String,
}

impl ImportedFinding {
    /// A finding of which only id, package and version are known.
    fn new(id: &str, package: &str, version: &str) -> Self {
        let version = Some(version.trim()).filter(|v| !v.is_empty());
        let package = Package {
            locations: Vec::new(),
            ..Package::new(
                line::plain(package),
                version.map(str::to_owned),
                Location::file(""),
            )
        };
        Self {
            id: line::plain(id),
            aliases: Vec::new(),
            cves: ids::cves([id]),
            package,
            fixed: Vec::new(),
            fix_state: FixState::Unknown,
            severity: None,
            vectors: Vec::new(),
            title: String::new(),
        }
    }

    /// Every id and CVE, each once, the tool's own first.
    pub fn ids(&self) -> Vec<String> {
        let cves = self.cves.iter().map(ToString::to_string);
        let mut all: Vec<String> = Vec::new();
        for id in [self.id.clone()]
            .into_iter()
            .chain(self.aliases.clone())
            .chain(cves)
        {
            if !all.iter().any(|known| known.eq_ignore_ascii_case(&id)) {
                all.push(id);
            }
        }
        all
    }
}

/// The format of a file, by its beginning.
pub fn recognise(head: &[u8]) -> Option<&'static dyn Reader> {
    let head = String::from_utf8_lossy(&head[..head.len().min(HEAD_BYTES)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    READERS.iter().copied().find(|r| r.recognise(head))
}

/// Reads a report; `None` with an error note when no format knows it.
pub fn read(bytes: &[u8]) -> Parsed<Option<Imported>> {
    let failed = |note: Note| Parsed {
        value: None,
        notes: vec![note],
    };
    if IMPORTED_BYTES.is_exceeded_by(bytes.len() as u64) {
        return failed(Note::error("results not read: too large").because_of(IMPORTED_BYTES));
    }
    let Some(reader) = recognise(bytes) else {
        let known: Vec<&str> = READERS.iter().map(|r| r.id()).collect();
        return failed(Note::error(format!(
            "not the results of a tool that is known; read are: {}",
            known.join(", ")
        )));
    };
    let mut parsed = reader.parse(bytes);
    if parsed.failed() {
        return Parsed {
            value: None,
            notes: parsed.notes,
        };
    }
    bound(&mut parsed);
    parsed.map(Some)
}

/// Leaves out what is over the limit, and what names neither an id nor a package.
fn bound(parsed: &mut Parsed<Imported>) {
    let (mut left, mut empty, mut over) = (IMPORTED_FINDINGS.max, 0_u64, 0_u64);
    for subject in &mut parsed.value.subjects {
        subject.findings.retain(|finding| {
            if finding.id.is_empty() || finding.package.name.is_empty() {
                empty += 1;
                return false;
            }
            if left == 0 {
                over += 1;
                return false;
            }
            left -= 1;
            true
        });
    }
    if empty > 0 {
        parsed.notes.push(Note::warning(format!(
            "findings without an id or a package left out: {empty}"
        )));
    }
    if over > 0 {
        parsed.notes.push(
            Note::warning(format!("findings left out: {over}")).because_of(IMPORTED_FINDINGS),
        );
    }
}

#[cfg(test)]
mod tests;
