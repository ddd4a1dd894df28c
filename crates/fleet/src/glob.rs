//! Patterns with `*`, as suppressions and host rules write them.

/// Whether a text is of a pattern in which `*` stands for any run of characters; ASCII case does not count.
pub fn matches(glob: &str, text: &str) -> bool {
    let fold = |s: &str| s.to_ascii_lowercase().into_bytes();
    matches_folded(&fold(glob), &fold(text))
}

/// The same of texts that are in lower case already: a pattern that is tried on many texts is folded once.
pub(crate) fn matches_folded(glob: &[u8], text: &[u8]) -> bool {
    // Where to go on after the last `*` when what follows it does not fit: linear in practice, never exponential.
    let (mut g, mut t, mut retry) = (0, 0, None);
    while t < text.len() {
        if glob.get(g) == Some(&b'*') {
            retry = Some((g + 1, t));
            g += 1;
        } else if glob.get(g) == Some(&text[t]) {
            g += 1;
            t += 1;
        } else if let Some((after_star, from)) = retry {
            retry = Some((after_star, from + 1));
            (g, t) = (after_star, from + 1);
        } else {
            return false;
        }
    }
    glob[g..].iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_run() {
        let check = |glob: &str, text: &str, expected: bool| {
            assert_eq!(matches(glob, text), expected, "{glob} {text}")
        };
        check("zlib1g", "zlib1g", true);
        check("zlib1g", "zlib1g-dev", false);
        check("zlib*", "zlib1g", true);
        check("*", "", true);
        check("", "", true);
        check("", "a", false);
        check("*ssl*3", "libssl3", true);
        check("*ssl*3", "libssl3a", false);
        check("a*b*c", "a-b-b-c", true);
        check("Web-*", "web-1", true);
        check("*a*a*a*a*a*a*a*b", &"a".repeat(2000), false);
        check("é*", "éa", true);
    }
}
