//! The frame of every HTML page: one self-contained file without script, light and dark, for a screen, a phone and A4.
//!
//! No style attributes and no script, so a server may send a strict CSP. Colours hold WCAG 2.2 AA contrast (4.5:1) on their
//! ground in both schemes; what a colour says, a word says too.

use drawing::escape::html;

/// The style of every page; a server's pages begin with it.
pub const STYLE: &str = include_str!("page.css");

/// The whole page around a body that is HTML already.
pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"robots\" content=\"noindex\">\n\
         <title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        html(title),
        STYLE,
    )
}

/// A table with a heading row; cells are HTML already. Each cell carries its heading for the phone layout.
pub(super) fn table(class: &str, headings: &[&str], rows: &[Vec<String>]) -> String {
    let head: String = headings
        .iter()
        .map(|h| format!("<th scope=\"col\">{}</th>", html(h)))
        .collect();
    let body: String = rows.iter().map(|row| table_row(headings, row)).collect();
    format!(
        "<table class=\"{class}\">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"
    )
}

fn table_row(headings: &[&str], row: &[String]) -> String {
    let cells: String = headings
        .iter()
        .zip(row)
        .enumerate()
        .map(|(n, (heading, cell))| table_cell(n, heading, cell))
        .collect();
    format!("<tr>{cells}</tr>\n")
}

/// The first two cells say what the row is; the others carry their heading for the phone, where rows are stacked.
fn table_cell(column: usize, heading: &str, cell: &str) -> String {
    match column {
        0 | 1 => format!("<td>{cell}</td>"),
        _ => format!("<td data-label=\"{}\">{cell}</td>", html(heading)),
    }
}

/// Text as HTML in which ids, versions and policy names do not break at their hyphens.
pub(super) fn phrase(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let safe = html(word);
        if word.contains('-') && word.len() <= UNBROKEN {
            format!("<span class=\"nb\">{safe}</span>")
        } else {
            safe.into_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A word longer than this may break, or a phone would scroll sideways.
const UNBROKEN: usize = 30;
