//! The cookie of a session (RFC 6265bis): for this server alone, never read by a script, never sent from another site.

use axum::http::{HeaderMap, HeaderValue, header};

/// Under TLS the prefix makes browsers hold it to this name, this path and TLS.
const NAME_TLS: &str = "__Host-daywatch";
const NAME: &str = "daywatch";

const fn name(is_tls: bool) -> &'static str {
    match is_tls {
        true => NAME_TLS,
        false => NAME,
    }
}

/// The secret in the session's cookie.
pub(crate) fn session(headers: &HeaderMap, is_tls: bool) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(key, _)| *key == name(is_tls))
        .map(|(_, value)| value.to_owned())
}

/// Sets it, until the browser is closed or the session ends here.
pub(crate) fn set(secret: &str, is_tls: bool) -> Option<HeaderValue> {
    written(secret, "", is_tls)
}

/// Takes it away.
pub(crate) fn clear(is_tls: bool) -> Option<HeaderValue> {
    written("", "; Max-Age=0", is_tls)
}

fn written(value: &str, more: &str, is_tls: bool) -> Option<HeaderValue> {
    let secure = if is_tls { "; Secure" } else { "" };
    let text = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}",
        name(is_tls)
    );
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        let value = "theme=dark; daywatch=dws_abc; __Host-daywatch=dws_def";
        headers.insert(header::COOKIE, value.parse().unwrap());
        assert_eq!(session(&headers, false).as_deref(), Some("dws_abc"));
        assert_eq!(session(&headers, true).as_deref(), Some("dws_def"));
        assert_eq!(session(&HeaderMap::new(), true), None);
    }

    #[test]
    fn under_tls_the_cookie_is_held_to_this_host() {
        let set = set("dws_abc", true).unwrap();
        assert_eq!(
            set.to_str().unwrap(),
            "__Host-daywatch=dws_abc; Path=/; HttpOnly; SameSite=Strict; Secure"
        );
    }
}
