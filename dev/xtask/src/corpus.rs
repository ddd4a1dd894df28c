//! `cargo xtask corpus --data DIR`: every parser against a folder of public files, as committed tables. The tables are made
//! by hand when the corpus or a parser changes, never by a test: the project builds and passes without the folder.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use advisories::feeds;
use advisories::feeds::consistency::{self, Consistency};
use base::Level;

use crate::tree;

/// Which folder to read.
#[derive(clap::Args, Debug)]
pub(crate) struct CorpusArgs {
    /// A folder with `sbom/`, `lockfiles/`, `inventory/` (files or zips of them) and `osv/<Ecosystem>/all.zip`
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

pub(crate) fn run(args: &CorpusArgs) -> anyhow::Result<()> {
    write("inventory-corpus.md", &inventories(&args.data)?)?;
    write("osv-consistency.md", &consistency(&args.data)?)
}

fn write(page: &str, text: &str) -> anyhow::Result<()> {
    let path = tree::root().join("docs/reference").join(page);
    fs::write(&path, text)?;
    println!("wrote {}", tree::shown(&path));
    Ok(())
}

/// What one file of the corpus gave.
struct Row {
    file: String,
    format: String,
    packages: usize,
    verdict: String,
}

fn inventories(data: &Path) -> anyhow::Result<String> {
    let mut rows = Vec::new();
    for folder in ["sbom", "lockfiles", "inventory"] {
        let limits = host::DocumentLimits::default();
        let prefix = format!("{}/", data.display());
        host::documents(&data.join(folder), &limits, |document| {
            let shown = document
                .name
                .strip_prefix(&prefix)
                .unwrap_or(&document.name)
                .to_owned();
            rows.push(inventory_row(shown, &document.bytes));
            ControlFlow::Continue(())
        })?;
    }
    rows.sort_by(|a, b| a.file.cmp(&b.file));
    let read = rows
        .iter()
        .filter(|r| r.verdict == "read" || r.verdict.starts_with("read,"))
        .count();
    let mut out = format!(
        "<!-- Written by `cargo xtask corpus --data DIR`; do not edit. -->\n\n# Inventory corpus\n\n{} files of public scanners' test suites and real projects: {read} read as an inventory, {} explained.\n\n| File | Format | Packages | Result |\n|---|---|---:|---|\n",
        rows.len(),
        rows.len() - read
    );
    for row in rows {
        out.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            cell(&row.file),
            row.format,
            row.packages,
            cell(&row.verdict)
        ));
    }
    Ok(out)
}

fn inventory_row(file: String, bytes: &[u8]) -> Row {
    let path = file.replace('!', "/");
    let input = inventory::Input { path: &path, bytes };
    let Some(format) = inventory::formats::recognise(&input) else {
        return Row {
            file,
            format: "—".to_owned(),
            packages: 0,
            verdict: "not a format that lists packages".to_owned(),
        };
    };
    let parsed = format.parse(&input);
    let error = parsed.notes.iter().find(|n| n.level == Level::Error);
    let warnings = parsed
        .notes
        .iter()
        .filter(|n| n.level == Level::Warning)
        .count();
    let verdict = match (error, warnings) {
        (Some(error), _) => error.to_string(),
        (None, 0) => "read".to_owned(),
        (None, n) => format!(
            "read, {n} notes: {}",
            parsed
                .notes
                .iter()
                .find(|n| n.level == Level::Warning)
                .map(ToString::to_string)
                .unwrap_or_default()
        ),
    };
    Row {
        file,
        format: format!("`{}`", format.id()),
        packages: parsed.value.packages.len(),
        verdict,
    }
}

/// A table cell: one line, of bounded length.
fn cell(text: &str) -> String {
    let short: String = text.chars().take(160).collect();
    drawing::escape::markdown(&short)
}

fn consistency(data: &Path) -> anyhow::Result<String> {
    let mut advisories = Vec::new();
    let mut totals = Consistency::default();
    for ecosystem in tree::directories(&data.join("osv"))? {
        let limits = host::DocumentLimits::default();
        host::documents(&ecosystem, &limits, |document| {
            let document = feeds::Document {
                name: &document.name,
                bytes: &document.bytes,
            };
            if let Some(feed) = feeds::recognise(&document) {
                advisories.extend(feed.parse(&document).value.advisories);
            }
            ControlFlow::Continue(())
        })?;
        totals.merge(consistency::check(&advisories));
        advisories.clear();
    }
    Ok(consistency_page(totals))
}

fn consistency_page(mut totals: Consistency) -> String {
    let mut out = "<!-- Written by `cargo xtask corpus --data DIR`; do not edit. -->\n\n# OSV self-consistency\n\nFor records that carry both `versions` and `ranges`: how many listed versions fall into a range of the same entry by our order of versions. Ecosystems without such records are absent.\n\n| Ecosystem | Entries | Versions | In no range | Undecided |\n|---|---:|---:|---:|---:|\n".to_owned();
    for (name, c) in &totals.ecosystems {
        out.push_str(&format!(
            "| {name} | {} | {} | {} | {} |\n",
            c.entries, c.versions, c.outside, c.undecided
        ));
    }
    totals.outside.sort_by(|a, b| {
        (&a.ecosystem, &a.record, &a.package, &a.version).cmp(&(
            &b.ecosystem,
            &b.record,
            &b.package,
            &b.version,
        ))
    });
    totals.outside.dedup();
    out.push_str(&format!(
        "\n## Listed versions in no range\n\n{} in all. Each is a record that contradicts itself, with the reason; matching takes the list's word (OSV: a version is affected if it is listed or in a range).\n\n| Record | Ecosystem | Package | Version | Reason |\n|---|---|---|---|---|\n",
        totals.outside.len()
    ));
    for o in &totals.outside {
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            cell(&o.record),
            cell(&o.ecosystem.to_string()),
            cell(&o.package),
            cell(&o.version),
            reason(&o.record)
        ));
    }
    out.push_str("\nUndecided are PyPI versions from before PEP 440 (`1.0-alpha-final`): no order is defined for them, so a record names them one by one and matching compares their text.\n");
    out
}

/// Why a record's list and ranges disagree, looked up in the record.
const REASONS: &[(&str, &str)] = &[
    (
        "CVE-2017-10965",
        "fixed at `0.8.21.r2`, which apk does not take for a version; it should read `0.8.21-r2`",
    ),
    (
        "CVE-2017-10966",
        "fixed at `0.8.21.r2`, which apk does not take for a version; it should read `0.8.21-r2`",
    ),
    (
        "CVE-2023-4039",
        "fixed at 13.2.1, and 14.2.0 is listed all the same",
    ),
    (
        "GHSA-f4qf-m5gf-8jm8",
        "introduced at 9.0.0-M11, and earlier milestones are listed",
    ),
    (
        "GHSA-g78h-pf65-46rv",
        "introduced at 8.0 and 8.5.0, and their pre-releases, which Composer orders before, are listed",
    ),
    (
        "GHSA-qmgj-5h75-jr67",
        "last affected is 6.0.beta16, and later pre-releases are listed",
    ),
    (
        "PYSEC-2021-114",
        "two overlapping stretches: 2.11.6 ends one and lies in the other",
    ),
    ("PYSEC-2023-177", "the fixed version itself is listed"),
    (
        "PYSEC-2023-61",
        "introduced at final versions, and their pre-releases, which PEP 440 orders before, are listed",
    ),
];

fn reason(record: &str) -> &'static str {
    let known = REASONS.iter().find(|(id, _)| *id == record);
    known.map_or("not looked up yet", |(_, reason)| reason)
}
