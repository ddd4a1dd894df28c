//! What the lockfiles of Python share: names are compared without regard to case and separators
//! (<https://packaging.python.org/en/latest/specifications/name-normalization/>), and files are named after both.

use std::borrow::Cow;

/// The name as indexes compare it: lower case, runs of `-`, `_` and `.` are one `-`.
pub(super) fn normalized(name: &str) -> Cow<'_, str> {
    let is_normal = |c: char| !c.is_ascii_uppercase() && c != '_' && c != '.';
    if name.chars().all(is_normal) && !name.contains("--") {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            _ => out.push(c.to_ascii_lowercase()),
        }
    }
    Cow::Owned(out)
}

/// Name and version of a wheel (`name-1.2-py3-none-any.whl`) or source archive (`name-1.2.tar.gz`) by its file name.
pub(super) fn name_and_version(address: &str) -> Option<(&str, &str)> {
    let path = address.split(['?', '#']).next()?;
    let file = path.rsplit('/').next()?;
    if let Some(wheel) = file.strip_suffix(".whl") {
        let mut parts = wheel.split('-');
        return Some((parts.next()?, parts.next()?)).filter(|(_, version)| is_version(version));
    }
    let stem = [".tar.gz", ".zip", ".tar.bz2", ".tgz"]
        .iter()
        .find_map(|end| file.strip_suffix(end))?;
    stem.rsplit_once('-')
        .filter(|(name, version)| !name.is_empty() && is_version(version))
}

fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalized_as_the_specification_says() {
        for name in [
            "friendly-bard",
            "Friendly-Bard",
            "FRIENDLY-BARD",
            "friendly.bard",
            "friendly_bard",
            "FrIeNdLy-._.-bArD",
        ] {
            assert_eq!(normalized(name), "friendly-bard");
        }
    }

    #[test]
    fn a_file_is_named_after_its_distribution() {
        let check = |file: &str, expected| assert_eq!(name_and_version(file), expected);
        check(
            "https://x/a/certifi-2025.10.5-py3-none-any.whl#sha256=0",
            Some(("certifi", "2025.10.5")),
        );
        check("./dist/my-app-1.0.tar.gz", Some(("my-app", "1.0")));
        check("https://github.com/o/r/archive/main.zip", None);
        check("x.whl", None);
    }
}
