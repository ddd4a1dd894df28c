//! One file a format, and the lists of them. A renderer turns a document into text and does nothing else.

mod briefing;
mod figures;
mod fingerprint;
mod listing;
mod metrics;
pub mod options;
mod page;
mod palette;
mod plan;
mod scan;

use crate::briefing::Briefing;
use crate::listing::Listing;
use crate::metrics::Figures;
use crate::scan::ScanReport;
pub use briefing::html::body as briefing_body;
use fingerprint::fingerprint;
use fleet::plan::Plan;
pub use options::Options;
pub use page::STYLE as PAGE_STYLE;

/// A format of the scan report.
pub trait ScanRenderer: Sync {
    /// `json`, `table`, `sarif`: the value of `--format`, unique.
    fn id(&self) -> &'static str;

    /// One line for people: what it is for and which standard it follows.
    fn about(&self) -> &'static str;

    /// The media type it is served under.
    fn media_type(&self) -> &'static str;

    /// The whole document, ended by a line feed.
    fn render(&self, report: &ScanReport, options: &Options) -> String;
}

/// Every format of the scan report, in the order the help shows them.
pub static SCAN_RENDERERS: &[&dyn ScanRenderer] = &[
    &scan::table::Table,
    &scan::json::Json,
    &scan::sarif::Sarif,
    &scan::cyclonedx::CycloneDx,
    &scan::openvex::OpenVex,
    &scan::csaf_vex::CsafVex,
    &scan::csv::Csv,
    &scan::junit::Junit,
    &scan::markdown::Markdown,
    &scan::html::Html,
];

/// The scan renderer with an id.
pub fn scan_renderer(id: &str) -> Option<&'static dyn ScanRenderer> {
    SCAN_RENDERERS.iter().copied().find(|r| r.id() == id)
}

/// A format of the briefing.
pub trait BriefingRenderer: Sync {
    /// `html`, `text`, `markdown`, `json`: the value of `--format`, unique.
    fn id(&self) -> &'static str;

    /// One line for people: what it is for.
    fn about(&self) -> &'static str;

    /// The media type it is served under.
    fn media_type(&self) -> &'static str;

    /// The ending of a file of it, without a dot.
    fn extension(&self) -> &'static str;

    /// The whole document, ended by a line feed.
    fn render(&self, briefing: &Briefing, options: &Options) -> String;
}

/// Every format of the briefing, in the order the help shows them.
pub static BRIEFING_RENDERERS: &[&dyn BriefingRenderer] = &[
    &briefing::html::Html,
    &briefing::text::Text,
    &briefing::markdown::Markdown,
    &briefing::json::Json,
];

/// The briefing renderer with an id.
pub fn briefing_renderer(id: &str) -> Option<&'static dyn BriefingRenderer> {
    BRIEFING_RENDERERS.iter().copied().find(|r| r.id() == id)
}

/// A format of the lists: of findings, hosts, changes.
pub trait ListingRenderer: Sync {
    /// `table`, `json`, `csv`, `markdown`: the value of `--format`, unique.
    fn id(&self) -> &'static str;

    /// One line for people: what it is for.
    fn about(&self) -> &'static str;

    /// The media type it is served under.
    fn media_type(&self) -> &'static str;

    /// The whole document, ended by a line feed.
    fn render(&self, listing: &Listing, options: &Options) -> String;
}

/// Every format of the lists, in the order the help shows them.
pub static LISTING_RENDERERS: &[&dyn ListingRenderer] = &[
    &listing::table::Table,
    &listing::json::Json,
    &listing::csv::Csv,
    &listing::markdown::Markdown,
];

/// The listing renderer with an id.
pub fn listing_renderer(id: &str) -> Option<&'static dyn ListingRenderer> {
    LISTING_RENDERERS.iter().copied().find(|r| r.id() == id)
}

/// A format of the plan.
pub trait PlanRenderer: Sync {
    /// `table`, `json`, `ics`: the value of `--format`, unique.
    fn id(&self) -> &'static str;

    /// One line for people: what it is for and which standard it follows.
    fn about(&self) -> &'static str;

    /// The media type it is served under.
    fn media_type(&self) -> &'static str;

    /// The ending of a file of it, without a dot.
    fn extension(&self) -> &'static str;

    /// The whole document.
    fn render(&self, plan: &Plan, options: &Options) -> String;
}

/// Every format of the plan, in the order the help shows them.
pub static PLAN_RENDERERS: &[&dyn PlanRenderer] = &[
    &plan::table::Table,
    &plan::json::Json,
    &plan::csv::Csv,
    &plan::markdown::Markdown,
    &plan::ics::Ics,
    &plan::tickets::Tickets,
    &plan::ansible::Ansible,
    &plan::sh::Sh,
    &plan::powershell::PowerShell,
];

/// The plan renderer with an id.
pub fn plan_renderer(id: &str) -> Option<&'static dyn PlanRenderer> {
    PLAN_RENDERERS.iter().copied().find(|r| r.id() == id)
}

/// A format of the figures.
pub trait MetricsRenderer: Sync {
    /// `text`, `json`, `csv`: the value of `--format`, unique.
    fn id(&self) -> &'static str;

    /// One line for people: what it is for.
    fn about(&self) -> &'static str;

    /// The media type it is served under.
    fn media_type(&self) -> &'static str;

    /// The whole document, ended by a line feed.
    fn render(&self, figures: &Figures, options: &Options) -> String;
}

/// Every format of the figures, in the order the help shows them.
pub static METRICS_RENDERERS: &[&dyn MetricsRenderer] = &[
    &metrics::text::Text,
    &metrics::json::Json,
    &metrics::csv::Csv,
    &metrics::markdown::Markdown,
    &metrics::html::Html,
];

/// The renderer of figures with an id.
pub fn metrics_renderer(id: &str) -> Option<&'static dyn MetricsRenderer> {
    METRICS_RENDERERS.iter().copied().find(|r| r.id() == id)
}
