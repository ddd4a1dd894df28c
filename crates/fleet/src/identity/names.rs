//! Names of machines, and look-alikes among them.

use unicode_security::confusable_detection::skeleton;

use super::identifier::NoEvidence;

/// Windows cuts the NetBIOS name of a machine after so many bytes (MS-NBTE 2.2.1), so that several machines may share one.
pub(super) const NETBIOS_BYTES: usize = 15;

/// Words that stand where a name should.
const NO_NAME: [&str; 9] = [
    "localhost",
    "localhost4",
    "localhost6",
    "ip6-localhost",
    "unknown",
    "none",
    "null",
    "n/a",
    "(none)",
];

/// A name of a machine: lower case, without the dot of the root and the `$` of an account. Its first label and the whole.
pub(super) fn name(text: &str) -> Result<String, NoEvidence> {
    let name = text.trim_end_matches(['.', '$']).to_lowercase();
    let label = first_label(&name);
    if label.is_empty() || NO_NAME.contains(&label) || NO_NAME.contains(&&*name) {
        return Err(NoEvidence::Placeholder);
    }
    let is_hidden = |c: char| c.is_control() || c.is_whitespace() || is_invisible(c);
    if name.contains(is_hidden) {
        return Err(NoEvidence::Malformed(
            "a name without spaces and invisible characters",
        ));
    }
    Ok(name)
}

/// The short name in a name, without the `$` of an account.
pub(super) fn first_label(name: &str) -> &str {
    let label = name.split('.').next().unwrap_or(name);
    label.trim_end_matches('$')
}

/// Characters that are not seen or turn the text round (UTS #39 allows none of them in an identifier).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// What a name looks like (UTS #39, section 4): names that look alike have one skeleton.
pub(super) fn looks(name: &str) -> String {
    skeleton(name).collect()
}
