//! `cargo xtask quality`: precision and recall of the matching over a set of labels, against a committed floor.
//!
//! The labels (dev/quality/labels.tsv) say for a package of a host and a record whether it is affected, why not where that is
//! certain, and who says so. They were made without Daywatch (dev/quality/README.md). Only the records they cite are matched, so
//! that every finding about a labelled host is either a label or a mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use advisories::catalog::{Builder, Catalog};
use advisories::feeds::{self, Document};
use anyhow::Context as _;
use app::scan::{ScanOptions, scan};
use reports::scan::ScanReport;

use crate::tree;

/// What to do with the result.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct QualityArgs {
    /// Write the table of docs/quality.md and the floor, instead of holding the result against it
    #[arg(long)]
    write: bool,
}

/// How much an F1 may lie below its floor: what rounding to three digits can cost.
const ROUNDING: f64 = 0.0005;

/// Where the table stands in docs/quality.md.
const TABLE_BEGIN: &str = "<!-- cargo xtask quality --write: begin -->\n";
const TABLE_END: &str = "<!-- end -->\n";

pub(crate) fn run(args: &QualityArgs) -> anyhow::Result<()> {
    let folder = tree::root().join("dev/quality");
    let labels = labels(&tree::text(&folder.join("labels.tsv"))?)?;
    let report = report(&folder)?;
    let (scores, wrong) = judge(&labels, &said(&report));
    print!("{}", table(&scores));
    for line in &wrong {
        println!("{line}");
    }
    if args.write {
        return write(&folder, &scores);
    }
    let fallen = fallen(&tree::text(&folder.join("floor.toml"))?, &scores)?;
    anyhow::ensure!(
        fallen.is_empty(),
        "the quality of the matching fell: {}; the labels that are wrong are named above",
        fallen.join(", ")
    );
    Ok(())
}

/// One line of the labels.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Label {
    host: String,
    package: String,
    version: String,
    record: String,
    verdict: Verdict,
    /// The reason of a negative, where it is certain.
    reason: Option<String>,
    /// The version or update that fixes it.
    fixed: Option<String>,
    /// What a simpler tool would go by, and be wrong.
    is_trap: bool,
    why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Affected,
    NotAffected,
    /// The sources contradict each other or are silent: neither answer is held against us.
    Unknown,
}

/// `host`, package, version, record: what a label is about.
type About<'a> = (&'a str, &'a str, &'a str, &'a str);

fn labels(text: &str) -> anyhow::Result<Vec<Label>> {
    let mut lines = text.lines().filter(|l| !l.starts_with('#'));
    let columns: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
    let of = |fields: &[&str], column: &str| -> anyhow::Result<String> {
        let index = columns.iter().position(|c| *c == column);
        let field = index.and_then(|i| fields.get(i));
        Ok((*field.with_context(|| format!("no column {column}"))?).to_owned())
    };
    let known = |text: String| (text != "-").then_some(text);
    let mut labels = Vec::new();
    for (number, line) in lines.enumerate() {
        let fields: Vec<&str> = line.split('\t').collect();
        anyhow::ensure!(
            fields.len() == columns.len(),
            "label {}: {} fields instead of {}",
            number + 1,
            fields.len(),
            columns.len()
        );
        let digest = of(&fields, "digest")?;
        anyhow::ensure!(
            digest.len() == 64,
            "label {}: no digest of its source",
            number + 1
        );
        labels.push(Label {
            host: of(&fields, "host")?,
            package: of(&fields, "package")?,
            version: of(&fields, "version")?,
            record: of(&fields, "record")?,
            verdict: verdict(&of(&fields, "verdict")?)?,
            reason: known(of(&fields, "reason")?),
            fixed: known(of(&fields, "fixed")?),
            is_trap: known(of(&fields, "trap")?).is_some(),
            why: of(&fields, "why")?,
        });
    }
    Ok(labels)
}

fn verdict(word: &str) -> anyhow::Result<Verdict> {
    match word {
        "affected" => Ok(Verdict::Affected),
        "not-affected" => Ok(Verdict::NotAffected),
        "unknown" => Ok(Verdict::Unknown),
        other => anyhow::bail!("{other} is no verdict"),
    }
}

/// Scans every labelled host with the records the labels cite, as `daywatch scan` does.
fn report(folder: &Path) -> anyhow::Result<ScanReport> {
    let mut hosts: Vec<PathBuf> = fs::read_dir(folder.join("hosts"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    hosts.sort();
    let options = ScanOptions {
        targets: hosts,
        negatives: true,
        ..ScanOptions::default()
    };
    let scanned = scan(
        &catalog(folder)?,
        &risk::policy::shipped(),
        &options,
        jiff::Timestamp::UNIX_EPOCH,
    )
    .map_err(|failure| anyhow::anyhow!("{failure:?}"))?;
    anyhow::ensure!(!scanned.target_lost, "a labelled host could not be read");
    Ok(scanned.report)
}

fn catalog(folder: &Path) -> anyhow::Result<Catalog> {
    let mut builder = Builder::new();
    let records = folder.join("records");
    for file in tree::files(&records, "ndjson")? {
        let ecosystem = stem(file.parent().unwrap_or(&records));
        for line in tree::text(&file)?.lines() {
            add(&mut builder, &format!("osv/{ecosystem}"), line.as_bytes())?;
        }
    }
    for file in tree::files(&records, "csv")? {
        add(&mut builder, "wesng", &fs::read(&file)?)?;
    }
    Ok(Catalog::from_bytes(builder.finish())?)
}

fn add(builder: &mut Builder, feed: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let document = Document {
        name: "record",
        bytes,
    };
    let parser = feeds::recognise(&document).context("a record of dev/quality is of no feed")?;
    builder.add(feed, parser.parse(&document).value);
    Ok(())
}

fn stem(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// What Daywatch says of one package.
#[derive(Clone, Debug, Default)]
struct Said {
    /// Every id of every finding, with what fixes it.
    findings: Vec<(BTreeSet<String>, Vec<String>)>,
    /// Reasons of negatives, by record or CVE.
    reasons: BTreeMap<String, String>,
}

/// By host, package and version.
type Statements = BTreeMap<(String, String, String), Said>;

fn said(report: &ScanReport) -> Statements {
    let host = |target: usize| stem(Path::new(&report.targets[target].name));
    let mut said = Statements::new();
    for finding in &report.findings {
        let key = (
            host(finding.target),
            finding.package.clone(),
            finding.version.clone(),
        );
        let mut ids: BTreeSet<String> = finding.aliases.iter().cloned().collect();
        ids.insert(finding.id.clone());
        let finding = (ids, finding.fixed.clone());
        said.entry(key).or_default().findings.push(finding);
    }
    for negative in &report.not_affected {
        let key = (
            host(negative.target),
            negative.package.clone(),
            negative.version.clone(),
        );
        let reason = negative.reason.as_str().to_owned();
        let reasons = &mut said.entry(key).or_default().reasons;
        for cve in &negative.cves {
            reasons
                .entry(cve.to_string())
                .or_insert_with(|| reason.clone());
        }
        reasons.insert(negative.id.clone(), reason);
    }
    said
}

/// What was counted for one ecosystem.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Score {
    labels: usize,
    /// Negatives that a simpler tool gets wrong.
    traps: usize,
    right: usize,
    false_alarms: usize,
    missed: usize,
    reasons: Share,
    fixes: Share,
}

/// How many of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    right: usize,
    of: usize,
}

impl Share {
    fn count(&mut self, is_right: bool) {
        self.of += 1;
        self.right += usize::from(is_right);
    }
}

impl Score {
    fn precision(&self) -> f64 {
        share(self.right, self.right + self.false_alarms)
    }

    fn recall(&self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    /// The harmonic mean of precision and recall.
    fn f1(&self) -> f64 {
        share(
            2 * self.right,
            2 * self.right + self.false_alarms + self.missed,
        )
    }
}

/// Of nothing, everything is right.
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// `debian-12` and `debian-11` are one row.
fn ecosystem(host: &str) -> &str {
    const NAMES: &[(&str, &str)] = &[
        ("debian", "Debian"),
        ("alpine", "Alpine"),
        ("almalinux", "AlmaLinux"),
        ("rocky", "Rocky Linux"),
        ("rhel", "Red Hat"),
        ("windows", "Windows"),
        ("app-npm", "npm"),
        ("app-pypi", "PyPI"),
        ("app-maven", "Maven"),
        ("app-go", "Go"),
        ("app-crates", "crates.io"),
    ];
    let named = NAMES.iter().find(|(prefix, _)| host.starts_with(prefix));
    named.map_or(host, |(_, name)| name)
}

/// Every label against what was said, and a line for each that is wrong.
fn judge<'a>(labels: &'a [Label], said: &Statements) -> (BTreeMap<&'a str, Score>, Vec<String>) {
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    let mut wrong = Vec::new();
    let nothing = Said::default();
    for label in labels {
        let score = scores.entry(ecosystem(&label.host)).or_default();
        let key = (
            label.host.clone(),
            label.package.clone(),
            label.version.clone(),
        );
        let said = said.get(&key).unwrap_or(&nothing);
        wrong.extend(judge_one(label, said, score));
    }
    for (host, package, version, ids) in unlabelled(labels, said) {
        if let Some((name, score)) = scores
            .iter_mut()
            .find(|(name, _)| **name == ecosystem(&host))
        {
            score.false_alarms += 1;
            wrong.push(format!(
                "false alarm  {name}: {host} {package} {version} {ids}: a finding that is no label"
            ));
        }
    }
    (scores, wrong)
}

fn judge_one(label: &Label, said: &Said, score: &mut Score) -> Vec<String> {
    let finding = said
        .findings
        .iter()
        .find(|(ids, _)| ids.contains(&label.record));
    let Label {
        host,
        package,
        version,
        record,
        why,
        ..
    } = label;
    let line = |what: &str| format!("{what} {host} {package} {version} {record}: {why}");
    let mut wrong = Vec::new();
    match (label.verdict, finding) {
        (Verdict::Unknown, _) => return wrong,
        (Verdict::Affected, Some((_, fixed))) => {
            score.right += 1;
            if let Some(expected) = &label.fixed {
                let is_named = fixed.iter().any(|f| plain(f) == plain(expected));
                score.fixes.count(is_named);
                if !is_named {
                    wrong.push(line(&format!("another fix  ({})", fixed.join(", "))));
                }
            }
        }
        (Verdict::Affected, None) => {
            score.missed += 1;
            wrong.push(line("missed      "));
        }
        (Verdict::NotAffected, Some(_)) => {
            score.false_alarms += 1;
            wrong.push(line("false alarm "));
        }
        (Verdict::NotAffected, None) => {
            if let Some(expected) = &label.reason {
                let reason = said.reasons.get(record);
                score.reasons.count(reason == Some(expected));
                if reason != Some(expected) {
                    let got = reason.map_or("none", String::as_str);
                    wrong.push(line(&format!("other reason ({got}, not {expected})")));
                }
            }
        }
    }
    score.labels += 1;
    score.traps += usize::from(label.is_trap && label.verdict == Verdict::NotAffected);
    wrong
}

/// Without an epoch of zero: `0:1.2-3` is `1.2-3`.
fn plain(version: &str) -> &str {
    version.strip_prefix("0:").unwrap_or(version)
}

/// Findings on labelled hosts that no label is about.
fn unlabelled(labels: &[Label], said: &Statements) -> Vec<(String, String, String, String)> {
    let known: BTreeSet<About<'_>> = labels
        .iter()
        .map(|l| {
            (
                l.host.as_str(),
                l.package.as_str(),
                l.version.as_str(),
                l.record.as_str(),
            )
        })
        .collect();
    let mut found = Vec::new();
    for ((host, package, version), said) in said {
        for (ids, _) in &said.findings {
            let is_known = ids
                .iter()
                .any(|id| known.contains(&(host, package, version, id)));
            if !is_known {
                let ids = ids.iter().cloned().collect::<Vec<_>>().join(" ");
                found.push((host.clone(), package.clone(), version.clone(), ids));
            }
        }
    }
    found
}

/// The table, in Markdown.
fn table(scores: &BTreeMap<&str, Score>) -> String {
    let mut text = String::from(
        "| ecosystem | labels | negatives a simple tool gets wrong | found | false alarms | missed | precision | recall | F1 | reason right | fix right |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    let mut all = Score::default();
    for (name, score) in scores {
        text.push_str(&row(name, score));
        all.labels += score.labels;
        all.traps += score.traps;
        all.right += score.right;
        all.false_alarms += score.false_alarms;
        all.missed += score.missed;
        for (sum, part) in [
            (&mut all.reasons, score.reasons),
            (&mut all.fixes, score.fixes),
        ] {
            sum.right += part.right;
            sum.of += part.of;
        }
    }
    text.push_str(&row("**all**", &all));
    text
}

fn row(name: &str, score: &Score) -> String {
    let of = |share: Share| match share.of {
        0 => "–".to_owned(),
        of => format!("{}/{of}", share.right),
    };
    format!(
        "| {name} | {} | {} | {} | {} | {} | {:.3} | {:.3} | {:.3} | {} | {} |\n",
        score.labels,
        score.traps,
        score.right,
        score.false_alarms,
        score.missed,
        score.precision(),
        score.recall(),
        score.f1(),
        of(score.reasons),
        of(score.fixes),
    )
}

/// The ecosystems whose F1, or number of labels, is below the floor, in words.
fn fallen(floor: &str, scores: &BTreeMap<&str, Score>) -> anyhow::Result<Vec<String>> {
    let floor: BTreeMap<String, BTreeMap<String, f64>> = toml::from_str(floor)?;
    let of = |table: &str| {
        floor
            .get(table)
            .with_context(|| format!("floor.toml has no [{table}]"))
    };
    let mut fallen = Vec::new();
    for (name, &least) in of("f1")? {
        let f1 = scores.get(name.as_str()).map_or(0.0, Score::f1);
        if f1 < least - ROUNDING {
            fallen.push(format!("F1 of {name} is {f1:.3}, was {least:.3}"));
        }
    }
    // A floor is worth nothing when the labels it stands on can be taken away.
    for (name, &least) in of("labels")? {
        let labels = scores.get(name.as_str()).map_or(0, |s| s.labels);
        if (labels as f64) < least {
            fallen.push(format!("{name} has {labels} labels, had {least}"));
        }
    }
    Ok(fallen)
}

fn write(folder: &Path, scores: &BTreeMap<&str, Score>) -> anyhow::Result<()> {
    let mut floor = String::from(
        "# What `cargo xtask quality` may not fall below. Written by `cargo xtask quality --write`; a lower value needs a reason in\n# its commit.\n\n[f1]\n",
    );
    for (name, score) in scores {
        writeln!(floor, "{name:?} = {:.3}", score.f1())?;
    }
    floor.push_str("\n[labels]\n");
    for (name, score) in scores {
        writeln!(floor, "{name:?} = {}.0", score.labels)?;
    }
    fs::write(folder.join("floor.toml"), floor)?;
    let page = tree::root().join("docs/quality.md");
    let text = tree::text(&page)?;
    let (before, rest) = text
        .split_once(TABLE_BEGIN)
        .context("docs/quality.md has no place for the table")?;
    let (_, after) = rest
        .split_once(TABLE_END)
        .context("the table in docs/quality.md has no end")?;
    let text = format!(
        "{before}{TABLE_BEGIN}\n{}\n{TABLE_END}{after}",
        table(scores)
    );
    fs::write(&page, text)?;
    println!(
        "wrote docs/quality.md and {}",
        tree::shown(&folder.join("floor.toml"))
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "host\tpackage\tversion\trecord\tverdict\treason\tfixed\ttrap\twhy\tdigest\n";

    fn one(verdict: &str, reason: &str) -> Vec<Label> {
        let digest = "0".repeat(64);
        labels(&format!(
            "{HEAD}debian-12\tcurl\t1-1\tCVE-1\t{verdict}\t{reason}\t-\t-\tbecause\t{digest}\n"
        ))
        .unwrap()
    }

    fn check(verdict: &str, is_found: bool, expected: (usize, usize, usize)) {
        let labels = one(verdict, "-");
        let mut said = Statements::new();
        if is_found {
            let ids = BTreeSet::from(["CVE-1".to_owned()]);
            let key = ("debian-12".to_owned(), "curl".to_owned(), "1-1".to_owned());
            said.entry(key).or_default().findings.push((ids, vec![]));
        }
        let (scores, _) = judge(&labels, &said);
        let score = scores["Debian"];
        let counted = (score.right, score.false_alarms, score.missed);
        assert_eq!(counted, expected, "{verdict} {is_found}");
    }

    #[test]
    fn a_finding_is_right_false_or_missed() {
        check("affected", true, (1, 0, 0));
        check("affected", false, (0, 0, 1));
        check("not-affected", true, (0, 1, 0));
        check("not-affected", false, (0, 0, 0));
        check("unknown", true, (0, 0, 0));
    }

    #[test]
    fn a_finding_that_is_no_label_is_a_false_alarm() {
        let mut said = Statements::new();
        let ids = BTreeSet::from(["CVE-2".to_owned()]);
        let key = ("debian-12".to_owned(), "curl".to_owned(), "1-1".to_owned());
        said.entry(key).or_default().findings.push((ids, vec![]));
        let labels = one("not-affected", "-");
        let (scores, wrong) = judge(&labels, &said);
        assert_eq!(scores["Debian"].false_alarms, 1);
        assert_eq!(wrong.len(), 1);
    }

    #[test]
    fn an_f1_below_its_floor_and_labels_taken_away_are_named() {
        let labels = one("affected", "-");
        let (scores, _) = judge(&labels, &Statements::new());
        let floor = "[f1]\nDebian = 0.9\nnpm = 0.5\n[labels]\nDebian = 2.0\n";
        let fallen = fallen(floor, &scores).unwrap();
        assert_eq!(fallen.len(), 3, "{fallen:?}");
    }

    #[test]
    fn a_label_without_a_source_is_refused() {
        let line = "debian-12\tcurl\t1-1\tCVE-1\taffected\t-\t-\t-\tbecause\t-\n";
        assert!(labels(&format!("{HEAD}{line}")).is_err());
    }
}
