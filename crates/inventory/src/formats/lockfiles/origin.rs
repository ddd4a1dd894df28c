//! Where a package is from when it is not from its tool's registry, as a qualifier of its package URL
//! (<https://github.com/package-url/purl-spec/blob/main/docs/known-qualifiers.md>), without the passwords that such
//! addresses may carry.

use std::borrow::Cow;

use crate::formats::text::excerpt;

/// A qualifier's key and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) key: &'static str,
    pub(super) value: String,
}

impl Origin {
    /// A git repository: `git+https://host/path?branch=x#revision` becomes `git+https://host/path@revision`, the way SPDX
    /// writes download locations.
    pub(super) fn git(address: &str) -> Self {
        let (address, revision) = address.split_once('#').unwrap_or((address, ""));
        let address = address.split('?').next().unwrap_or(address);
        Self::git_at(
            address,
            revision.strip_prefix("commit=").unwrap_or(revision),
        )
    }

    /// A git repository at a revision, which may be empty.
    pub(super) fn git_at(address: &str, revision: &str) -> Self {
        let prefix = if address.starts_with("git") {
            ""
        } else {
            "git+"
        };
        let at = if revision.is_empty() { "" } else { "@" };
        Self::new("vcs_url", &format!("{prefix}{address}{at}{revision}"))
    }

    /// A file to download.
    pub(super) fn download(address: &str) -> Self {
        Self::new("download_url", address)
    }

    /// A registry other than the tool's own.
    pub(super) fn registry(address: &str) -> Self {
        Self::new("repository_url", address)
    }

    fn new(key: &'static str, value: &str) -> Self {
        let value = without_credentials(value).into_owned();
        Self { key, value }
    }
}

/// A piece of input as it may stand in a note: short, and without passwords.
pub(super) fn shown(text: &str) -> String {
    excerpt(&without_credentials(text))
}

/// The text without what stands between `://` and `@`: names and passwords, except the user `git`, which is no secret.
fn without_credentials(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, authority) = rest.split_at(at + "://".len());
        let end = authority
            .find(|c: char| c == '/' || c.is_whitespace())
            .unwrap_or(authority.len());
        out.push_str(before);
        rest = match authority[..end].rfind('@') {
            Some(user_end) if &authority[..user_end] != "git" => &authority[user_end + 1..],
            _ => authority,
        };
    }
    if out.is_empty() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_git_address_is_written_as_spdx_does() {
        let check =
            |address: &str, expected: &str| assert_eq!(Origin::git(address).value, expected);
        check(
            "git+https://example.com/a/b?branch=main#0f3c",
            "git+https://example.com/a/b@0f3c",
        );
        check(
            "git+ssh://git@example.com/a/b.git#0f3c",
            "git+ssh://git@example.com/a/b.git@0f3c",
        );
        check(
            "https://example.com/a/b.git#commit=0f3c",
            "git+https://example.com/a/b.git@0f3c",
        );
        check("git+https://example.com/a/b", "git+https://example.com/a/b");
    }

    #[test]
    fn passwords_do_not_go_on() {
        let check = |text: &str, expected: &str| assert_eq!(without_credentials(text), expected);
        check("https://example.com/x", "https://example.com/x");
        check(
            "https://user:secret@example.com/x@1",
            "https://example.com/x@1",
        );
        check("https://token@example.com", "https://example.com");
        check(
            "a @ https://u:p@x/y and http://u:p@z",
            "a @ https://x/y and http://z",
        );
        check("ssh://git@example.com/x", "ssh://git@example.com/x");
        check("no address", "no address");
    }
}
