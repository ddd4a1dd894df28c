//! A list as CSV (RFC 4180), safe to open in a spreadsheet. Every row ends with what the list is complete for, since a file of
//! this format has no other place: how many rows there are in all, as of when, and by which catalog.

use drawing::escape::csv;
use risk::policy::Decision;

use crate::listing::{Cell, Listing};
use crate::renderers::{ListingRenderer, Options};
use crate::wording::instant;

/// The format.
pub(in crate::renderers) struct Csv;

impl ListingRenderer for Csv {
    fn id(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "a line a row, safe to open in a spreadsheet"
    }

    fn media_type(&self) -> &'static str {
        "text/csv; charset=utf-8"
    }

    fn render(&self, listing: &Listing, _: &Options) -> String {
        let s = &listing.statement;
        let mut head: Vec<String> = Vec::new();
        for column in listing.columns {
            head.push(column.key.to_owned());
            if is_of_hosts(column.key) {
                head.push(format!("{}_total", column.key));
            }
        }
        head.extend(["list_total", "list_as_of", "list_catalog"].map(str::to_owned));
        let tail = [
            s.total.to_string(),
            instant(s.as_of.unwrap_or(s.now)),
            csv(&s.catalog),
        ];
        let mut out = head.join(",") + "\n";
        for row in &listing.rows {
            let mut fields: Vec<String> = Vec::new();
            for cell in row {
                fields.push(field(cell));
                if let Cell::Hosts(hosts) = cell {
                    fields.push(hosts.total.to_string());
                }
            }
            fields.extend(tail.iter().cloned());
            out.push_str(&fields.join(","));
            out.push('\n');
        }
        out
    }
}

/// Columns of hosts have their number beside them: not all names need to be kept.
fn is_of_hosts(key: &str) -> bool {
    key == "hosts"
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Unknown => String::new(),
        Cell::Text(text) => csv(text),
        Cell::Texts(texts) => csv(&texts.join(" ")),
        Cell::Number(n) => n.to_string(),
        Cell::Decimal(n) => n.to_string(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Time(at) | Cell::Due { by: at, .. } => instant(*at),
        Cell::Severity(rating) => rating.as_str().to_owned(),
        Cell::Hosts(hosts) => csv(&hosts.names.join(" ")),
        Cell::Decisions(decisions) => {
            let by = |d: &Decision| d.by.map_or_else(|| "none".to_owned(), instant);
            let all = decisions.iter().map(|d| format!("{}={}", d.policy, by(d)));
            csv(&all.collect::<Vec<_>>().join(" "))
        }
    }
}
