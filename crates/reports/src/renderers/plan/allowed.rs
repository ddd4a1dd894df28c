//! What may stand in a command or a playbook. Names and versions come from outside and are hostile: nothing is quoted into
//! harmlessness here, but let through only when every character is on the list of its kind. What is not, becomes a comment
//! that says why.

use base::Kb;
use drawing::escape::printable;

/// The longest name let through: longer than any host (RFC 1035: 253) or package has.
const LONGEST: usize = 253;

/// A package of a system: letters, digits, `.`, `_`, `+`, `-`; begins with a letter or digit, and does not end with `-`, which
/// tells apt to remove it.
pub(super) fn package(name: &str) -> Option<&str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    (begins_well(name) && name.chars().all(fits) && !name.ends_with('-')).then_some(name)
}

/// A host: letters, digits, `.`, `_`, `-`; begins with a letter or digit. Not a word that names many hosts in an inventory of
/// Ansible.
pub(super) fn host(name: &str) -> Option<&str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let is_group = ["all", "ungrouped", "localhost"]
        .iter()
        .any(|w| name.eq_ignore_ascii_case(w));
    (begins_well(name) && name.chars().all(fits) && !is_group).then_some(name)
}

/// An update, written as its number.
pub(super) fn update(text: &str) -> Option<String> {
    let kb: Kb = text.parse().ok()?;
    Some(format!("KB{}", kb.number()))
}

fn begins_well(name: &str) -> bool {
    name.len() <= LONGEST && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// Any text as a label: what is not a letter, digit, blank or one of `._+:~-` becomes `_`, long ones end in `...`.
pub(super) fn label(text: &str) -> String {
    const SHOWN: usize = 120;
    let fits = |c: char| c.is_ascii_alphanumeric() || " ._+:~-".contains(c);
    let safe = |c| if fits(c) { c } else { '_' };
    let mut label: String = text.chars().take(SHOWN).map(safe).collect();
    if text.chars().nth(SHOWN).is_some() {
        label.push_str("...");
    }
    label
}

/// One line of comment, whatever the text holds.
pub(super) fn comment(text: &str) -> String {
    format!("# {}", printable(text))
}

/// Why something outside is not in a command.
pub(super) fn refused(what: &str, text: &str) -> String {
    comment(&format!(
        "{what} left out, its name has characters that do not belong in a command: {text}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_in_a_command_is_not_let_through() {
        let check = |name: &str, as_package: bool, as_host: bool| {
            assert_eq!(
                (package(name).is_some(), host(name).is_some()),
                (as_package, as_host),
                "{name:?}"
            );
        };
        check("libstdc++6", true, false);
        check("python3.11-minimal", true, true);
        check("web-01.corp.example", true, true);
        check("kernel-core", true, true);
        check("WEB_01", true, true);
        check("all", true, false);
        check("Localhost", true, false);
        check("openssh-server-", false, true);
        for hostile in [
            "",
            "-rf",
            "--purge",
            ".hidden",
            "a b",
            "a;b",
            "a$(b)",
            "a`b`",
            "a'b",
            "a\"b",
            "a\nb",
            "a|b",
            "a&b",
            "a>b",
            "a{{b}}",
            "a*",
            "a=1",
            "a/b",
            "a\\b",
            "a\u{200b}b",
            "wеb",
            "a#b",
            "a!b",
            "a:b",
            "a,b",
            "a%b",
            "a@b",
            "@group",
        ] {
            check(hostile, false, false);
        }
        check(&"a".repeat(254), false, false);
        assert_eq!(update("kb5094123").as_deref(), Some("KB5094123"));
        assert_eq!(update("KB5094123'; calc"), None);
        assert_eq!(label("a'b{{c}}\nd → e"), "a_b__c___d _ e");
    }
}
