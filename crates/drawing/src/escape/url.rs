//! Whether an address from outside may become a link: only `http` and `https`, and only in characters a URL is made of.

/// The address with anything outside RFC 3986's characters percent-encoded, or `None` when it is no web address.
pub fn web_link(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    if !(scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
        || rest.is_empty()
    {
        return None;
    }
    let mut out = format!("{}://", scheme.to_ascii_lowercase());
    for byte in rest.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: Option<&str>) {
        assert_eq!(web_link(input).as_deref(), expected);
    }

    #[test]
    fn only_the_web_is_linked() {
        check(
            "https://www.cve.org/CVERecord?id=CVE-2023-0286",
            Some("https://www.cve.org/CVERecord?id=CVE-2023-0286"),
        );
        check("javascript:alert(1)", None);
        check("JavaScript://x%0aalert(1)", None);
        check("data:text/html,x", None);
        check("/relative", None);
        check("https://", None);
    }

    #[test]
    fn characters_no_url_has_are_encoded() {
        check(
            "https://x/\"><script>",
            Some("https://x/%22%3E%3Cscript%3E"),
        );
        check(
            "HTTP://x/a b(c)[d]'e\n",
            Some("http://x/a%20b%28c%29%5Bd%5D%27e%0A"),
        );
        check("https://x/ü", Some("https://x/%C3%BC"));
    }
}
