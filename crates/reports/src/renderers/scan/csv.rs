//! One line a finding for spreadsheets (RFC 4180 with line feeds); no field is taken for a formula.

use drawing::escape::csv;
use fleet::finding::Finding;
use fleet::suppression::Suppression;

use crate::renderers::{Options, ScanRenderer};
use crate::scan::{ScanReport, TargetNote};
use crate::wording::instant;

const HEADER: &str = "status,target,id,cves,aliases,ecosystem,package,version,source_package,fixed,fix_state,severity,\
cvss,cvss_version,epss,epss_percentile,kev_added,kev_due,ransomware,due,policy,row,actions,why,locations,\
suppressed_by,suppressed_reason,suppressed_until\n";

/// The format.
pub(in crate::renderers) struct Csv;

impl ScanRenderer for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "one line a finding, suppressed ones and notes included, safe to open in a spreadsheet"
    }

    fn media_type(&self) -> &'static str {
        "text/csv; charset=utf-8"
    }

    fn render(&self, report: &ScanReport, _: &Options) -> String {
        let mut out = HEADER.to_owned();
        for finding in &report.findings {
            push_line(&mut out, finding_fields("open", finding, None));
        }
        for (finding, suppression) in &report.suppressed {
            push_line(
                &mut out,
                finding_fields("suppressed", finding, Some(suppression)),
            );
        }
        for note in notes(report) {
            push_line(&mut out, note);
        }
        out
    }
}

fn finding_fields(status: &str, f: &Finding, suppression: Option<&Suppression>) -> Vec<String> {
    let score = f.cvss.first();
    let decision = f.decision();
    let kev = f.kev.as_ref();
    let cves: Vec<String> = f.cves.iter().map(ToString::to_string).collect();
    let actions: Vec<&str> =
        decision.map_or_else(Vec::new, |d| d.actions.iter().map(|a| a.as_str()).collect());
    let places: Vec<&str> = f.locations.iter().map(|l| l.path.as_str()).collect();
    vec![
        status.to_owned(),
        csv(&f.target_name),
        csv(&f.id),
        csv(&cves.join(" ")),
        csv(&f.aliases.join(" ")),
        csv(&f.ecosystem),
        csv(&f.package),
        csv(&f.version),
        csv(f.source_package.as_deref().unwrap_or_default()),
        csv(&f.fixed.join(" ")),
        f.fix_state.as_str().to_owned(),
        f.severity.map_or_else(String::new, |s| s.to_string()),
        score.map_or_else(String::new, |s| format!("{:.1}", s.scored.score())),
        score.map_or_else(String::new, |s| s.scored.version.as_str().to_owned()),
        f.epss
            .as_ref()
            .map_or_else(String::new, |e| e.score.to_string()),
        f.epss
            .as_ref()
            .map_or_else(String::new, |e| e.percentile.to_string()),
        kev.map_or_else(String::new, |k| k.added.to_string()),
        kev.and_then(|k| k.due)
            .map_or_else(String::new, |d| d.to_string()),
        kev.map_or("", |k| {
            if k.ransomware == Some(true) {
                "yes"
            } else {
                "unknown"
            }
        })
        .to_owned(),
        f.due().map_or_else(String::new, instant),
        csv(decision.map_or("", |d| &d.policy)),
        csv(decision.map_or("", |d| &d.row)),
        actions.join(" "),
        csv(&f.why),
        csv(&places.join(" ")),
        csv(suppression.map_or("", |s| &s.owner)),
        csv(suppression.map_or("", |s| &s.reason)),
        suppression
            .and_then(|s| s.until)
            .map_or_else(String::new, instant),
    ]
}

/// Notes as lines of their own: a status, a target and a `why`, the rest empty.
fn notes(report: &ScanReport) -> impl Iterator<Item = Vec<String>> {
    report.all_notes().map(|TargetNote { target, note }| {
        let mut fields = vec![String::new(); HEADER.split(',').count()];
        fields[0] = format!("note-{}", note.level.as_str());
        fields[1] = csv(target.as_deref().unwrap_or_default());
        fields[23] = csv(&note.to_string());
        fields
    })
}

fn push_line(out: &mut String, fields: Vec<String>) {
    out.push_str(&fields.join(","));
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::HEADER;

    #[test]
    fn notes_stand_in_the_column_why() {
        assert_eq!(HEADER.split(',').nth(23), Some("why"));
    }
}
