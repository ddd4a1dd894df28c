//! JUnit XML (<https://github.com/testmoapp/junitxml>, the shape CI servers read): a suite a target, a failed case a finding.

use std::fmt::Write as _;

use drawing::escape::xml;
use drawing::text::count;
use fleet::finding::Finding;
use fleet::suppression::Suppression;

use crate::renderers::{Options, ScanRenderer};
use crate::scan::{ScanReport, Target};
use crate::wording::{due, ecosystems, fix, label, no_fix, severity, uncovered};

/// The format.
pub(in crate::renderers) struct Junit;

impl ScanRenderer for Junit {
    fn id(&self) -> &'static str {
        "junit"
    }

    fn about(&self) -> &'static str {
        "JUnit XML for CI servers: a failed case a finding"
    }

    fn media_type(&self) -> &'static str {
        "application/xml"
    }

    fn render(&self, report: &ScanReport, _: &Options) -> String {
        let open = by_target(report, report.findings.iter().map(|f| (f.target, f)));
        let aside = by_target(report, report.suppressed.iter().map(|s| (s.0.target, s)));
        let each = report.targets.iter().zip(open.iter().zip(&aside));
        let mut suites: Vec<Suite> = each
            .map(|(target, (open, aside))| target_suite(report, target, open, aside))
            .collect();
        suites.extend(reading_suite(report));
        let sum = |f: fn(&Suite) -> usize| suites.iter().map(f).sum::<usize>();
        let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
        let (tests, failures, errors, skipped) = (
            sum(|s| s.tests),
            sum(|s| s.failures),
            sum(|s| s.errors),
            sum(|s| s.skipped),
        );
        let _ = writeln!(
            out,
            "<testsuites name=\"daywatch scan\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">"
        );
        suites.iter().for_each(|s| s.write(&mut out));
        out.push_str("</testsuites>\n");
        out
    }
}

/// A suite under construction: its counts, and its cases as XML.
struct Suite {
    name: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    cases: String,
}

impl Suite {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            tests: 0,
            failures: 0,
            errors: 0,
            skipped: 0,
            cases: String::new(),
        }
    }

    /// A case; `outcome` is the element inside it, empty for one that passed.
    fn case(&mut self, name: &str, outcome: &str) {
        self.tests += 1;
        let (suite, name) = (xml(&self.name), xml(name));
        let _ = match outcome {
            "" => writeln!(
                self.cases,
                "    <testcase classname=\"{suite}\" name=\"{name}\"/>"
            ),
            _ => writeln!(
                self.cases,
                "    <testcase classname=\"{suite}\" name=\"{name}\">{outcome}</testcase>"
            ),
        };
    }

    fn fail(&mut self, name: &str, kind: &str, message: &str, body: &str) {
        self.failures += 1;
        self.case(
            name,
            &format!(
                "<failure type=\"{}\" message=\"{}\">{}</failure>",
                xml(kind),
                xml(message),
                xml(body)
            ),
        );
    }

    fn skip(&mut self, name: &str, message: &str) {
        self.skipped += 1;
        self.case(name, &format!("<skipped message=\"{}\"/>", xml(message)));
    }

    fn error(&mut self, name: &str, message: &str) {
        self.errors += 1;
        self.case(name, &format!("<error message=\"{}\"/>", xml(message)));
    }

    fn write(&self, out: &mut String) {
        let (name, tests, failures, errors, skipped) = (
            xml(&self.name),
            self.tests,
            self.failures,
            self.errors,
            self.skipped,
        );
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">"
        );
        out.push_str(&self.cases);
        out.push_str("  </testsuite>\n");
    }
}

/// Items in the list of their target, in one pass.
fn by_target<T>(report: &ScanReport, items: impl Iterator<Item = (usize, T)>) -> Vec<Vec<T>> {
    let mut lists: Vec<Vec<T>> = report.targets.iter().map(|_| Vec::new()).collect();
    for (target, item) in items {
        if let Some(list) = lists.get_mut(target) {
            list.push(item);
        }
    }
    lists
}

fn target_suite(
    report: &ScanReport,
    target: &Target,
    open: &[&Finding],
    aside: &[&(Finding, Suppression)],
) -> Suite {
    let mut suite = Suite::new(&target.name);
    for finding in open {
        let message = format!("{} {}", severity(finding.severity), remedy(finding));
        suite.fail(
            &case_name(finding),
            severity(finding.severity),
            &message,
            &body(report, finding),
        );
    }
    for (finding, suppression) in aside {
        suite.skip(
            &case_name(finding),
            &format!(
                "suppressed by {}: {}",
                suppression.owner, suppression.reason
            ),
        );
    }
    if uncovered(target) > 0 {
        suite.skip("packages no feed covers", &ecosystems(target));
    }
    if suite.failures == 0 && uncovered(target) < target.packages {
        suite.case(
            &format!(
                "no known vulnerabilities in {}",
                count(target.packages - uncovered(target), "package", "packages")
            ),
            "",
        );
    }
    suite
}

/// What could not be read, as a suite of its own, so that a target name never hides it.
fn reading_suite(report: &ScanReport) -> Option<Suite> {
    let mut suite = Suite::new("daywatch: reading the targets");
    for entry in report.all_notes() {
        let name = entry.target.unwrap_or_else(|| "scan".to_owned());
        match entry.note.level {
            base::Level::Error => suite.error(&name, &entry.note.to_string()),
            base::Level::Warning | base::Level::Info => suite.skip(&name, &entry.note.to_string()),
        }
    }
    (suite.tests > 0).then_some(suite)
}

fn case_name(finding: &Finding) -> String {
    format!(
        "{} in {} {}",
        label(finding),
        finding.package,
        finding.version
    )
}

fn remedy(finding: &Finding) -> String {
    match fix(finding) {
        Some(version) => format!("fixed in {version}"),
        None => no_fix(finding.fix_state).to_owned(),
    }
}

fn body(report: &ScanReport, finding: &Finding) -> String {
    let mut parts = vec![finding.why.clone()];
    if let Some(score) = finding.cvss.first() {
        parts.push(format!(
            "CVSS {} {:.1} ({})",
            score.scored.version.as_str(),
            score.scored.score(),
            score.source
        ));
    }
    if let Some(kev) = &finding.kev {
        parts.push(format!("known exploited since {}", kev.added));
    }
    if let Some(by) = finding.due() {
        parts.push(due(by, report.now));
    }
    parts.extend(finding.references.first().cloned());
    parts.join(" · ")
}
