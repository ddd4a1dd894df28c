//! Every source file: it says what it is for, and neither it nor its functions grow without end.

use super::Breaches;
use crate::tree;

/// Where a file is certainly two concepts.
const FILE_LINES_MAX: usize = 800;
/// The length a function may not pass. It is a ratchet: it may be lowered.
const FUNCTION_LINES_MAX: usize = 70;
/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &[
    "utils", "util", "common", "helpers", "helper", "misc", "prelude",
];

pub(super) fn check() -> anyhow::Result<Breaches> {
    let mut breaches = Vec::new();
    for folder in ["crates", "dev", "fuzz"] {
        for path in tree::files(&tree::root().join(folder), "rs")? {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            breaches.extend(check_text(&tree::shown(&path), &name, &tree::text(&path)?));
        }
    }
    Ok(breaches)
}

fn check_text(shown: &str, name: &str, text: &str) -> Breaches {
    let mut breaches = Vec::new();
    if !text.starts_with("//!") && !text.starts_with("#!") {
        breaches.push(format!(
            "{shown}: must start with a `//!` line that says what it is for"
        ));
    }
    let lines = text.lines().count();
    if lines > FILE_LINES_MAX {
        breaches.push(format!(
            "{shown}: {lines} lines; over {FILE_LINES_MAX} it is two concepts"
        ));
    }
    if EMPTY_NAMES.contains(&name) {
        breaches.push(format!(
            "{shown}: the name says nothing; name the file for its concept"
        ));
    }
    breaches.extend(long_functions(text).map(|(line, length)| {
        format!("{shown}:{line}: a function of {length} lines (at most {FUNCTION_LINES_MAX})")
    }));
    breaches
}

/// First line and length of functions that are too long, found by indentation as rustfmt leaves it. Test modules are left
/// out: a table of cases may be long.
fn long_functions(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let code = text
        .find("#[cfg(test)]\nmod ")
        .map_or(text, |at| &text[..at]);
    let lines: Vec<&str> = code.lines().collect();
    let mut long = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        let is_function = trimmed.split_once("fn ").is_some_and(|(before, _)| {
            before.split_whitespace().all(|w| {
                matches!(w, "pub" | "const" | "async" | "unsafe" | "extern")
                    || w.starts_with("pub(")
            })
        });
        if !is_function {
            continue;
        }
        // The declaration in a trait has no body of its own.
        let ends = lines[at..].iter().find(|l| l.ends_with(['{', '}', ';']));
        if ends.is_some_and(|end| end.ends_with(';')) {
            continue;
        }
        let closing = format!("{}}}", " ".repeat(indent));
        let Some(length) = lines[at..].iter().position(|l| *l == closing) else {
            continue;
        };
        if length + 1 > FUNCTION_LINES_MAX {
            long.push((at + 1, length + 1));
        }
    }
    long.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, breaches: usize) {
        assert_eq!(check_text("x.rs", name, text).len(), breaches);
    }

    #[test]
    fn a_file_says_what_it_is_for() {
        check("deb", "//! Debian versions.\n", 0);
        check("deb", "use std::fs;\n", 1);
    }

    #[test]
    fn an_empty_name_is_a_breach() {
        check("utils", "//! Things.\n", 1);
    }

    #[test]
    fn a_declaration_without_a_body_has_no_length() {
        let body = "    g();\n".repeat(FUNCTION_LINES_MAX);
        let text = format!(
            "//! x\ntrait T {{\n    fn f(\n        a: u8,\n    );\n}}\nmod m {{\n{body}    }}\n}}\n"
        );
        check("deb", &text, 0);
    }

    #[test]
    fn long_files_and_functions_are_breaches() {
        let body = |n: usize| format!("//! x\nfn f() {{\n{}}}\n", "    g();\n".repeat(n));
        check("deb", &body(FUNCTION_LINES_MAX - 2), 0);
        check("deb", &body(FUNCTION_LINES_MAX - 1), 1);
        check(
            "deb",
            &format!("//! x\n{}", "// y\n".repeat(FILE_LINES_MAX)),
            1,
        );
    }
}
