//! A list as GitHub Flavored Markdown, for a ticket or a wiki.

use drawing::escape::markdown as md;

use super::words::{self, Line};
use crate::listing::Listing;
use crate::renderers::{ListingRenderer, Options};

/// The format.
pub(in crate::renderers) struct Markdown;

impl ListingRenderer for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }

    fn about(&self) -> &'static str {
        "for a ticket or a wiki"
    }

    fn media_type(&self) -> &'static str {
        "text/markdown; charset=utf-8"
    }

    fn render(&self, listing: &Listing, _: &Options) -> String {
        let rows = match listing.next_step() {
            None => table(listing),
            Some(next) => format!("{}.\n", md(&next)),
        };
        let statement: String = words::statement(listing)
            .iter()
            .map(|line| format!("- {}.\n", md(line)))
            .collect();
        format!("{rows}\n{}{statement}", decisions(listing))
    }
}

/// What was decided of each row, as a list in a list.
fn decisions(listing: &Listing) -> String {
    let mut out = String::new();
    for (heading, decided) in words::decisions(listing) {
        out.push_str(&format!("{}\n\n", md(&heading)));
        for line in decided {
            out.push_str(&match line {
                Line::Decision(text) => format!("- {}\n", md(&text)),
                Line::Fact(text) => format!("  - {}\n", md(&text)),
            });
        }
        out.push('\n');
    }
    out
}

fn table(listing: &Listing) -> String {
    let shown = words::shown(listing);
    let headings: Vec<&str> = shown.iter().map(|(_, c)| c.heading).collect();
    let rules = vec!["---"; headings.len()];
    let mut out = format!("| {} |\n| {} |\n", headings.join(" | "), rules.join(" | "));
    for row in &listing.rows {
        let cells = shown.iter().filter_map(|(at, c)| Some((c, row.get(*at)?)));
        let cells: Vec<String> = cells
            .map(|(column, cell)| md(&words::cell(column, cell)).to_string())
            .collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out
}
