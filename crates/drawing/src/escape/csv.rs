//! One CSV field (RFC 4180) that no spreadsheet takes for a formula.
//!
//! A field that starts with `=`, `+`, `-`, `@` or a full-width form of them gets a leading apostrophe, after any blanks
//! (<https://owasp.org/www-community/attacks/CSV_Injection>). Tab, CR and LF cannot start one: they are written as `\xNN`.

use super::printable;

/// The field, quoted where it must be.
pub fn csv(text: &str) -> String {
    let text = printable(text);
    let guard = if text.trim_start().starts_with(starts_formula) {
        "'"
    } else {
        ""
    };
    if text.contains([',', '"', ';']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        format!("{guard}{text}")
    }
}

fn starts_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &str) {
        assert_eq!(csv(input), expected);
    }

    #[test]
    fn a_formula_is_text() {
        check("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0");
        check("@SUM(1,2)", "\"'@SUM(1,2)\"");
        check("+1", "'+1");
        check("-2", "'-2");
        check("\t=1", "\\x09=1");
        check(" =1", "\"' =1\"");
        check("＝1", "'＝1");
    }

    #[test]
    fn separators_and_quotes_are_quoted() {
        check("a,b", "\"a,b\"");
        check("say \"x\"", "\"say \"\"x\"\"\"");
        check("a;b", "\"a;b\"");
        check("a\r\nb", "a\\x0d\\x0ab");
        check("plain", "plain");
        check("", "");
    }
}
