//! The epoch a list of packages left out: `openssl 3.0.7-18.el9_2` is `1:3.0.7-18.el9_2`.
//!
//! Many SBOMs, Red Hat's own among them, write an rpm's version and release without its epoch. As rpm compares, every fix
//! with an epoch (openssl, dbus, bind, nodejs) would then be newer than whatever is installed. A distribution keeps a
//! package's epoch through one major release, so a build of the same release (`.el9`) has the epoch of the fix.

use std::borrow::Cow;

use advisories::catalog::Candidate;
use base::Ecosystem;
use versions::EventKind;

/// The installed version, with the epoch of the record's fixes where it has none itself and is a build of the same release.
pub(crate) fn completed<'v>(
    ecosystem: &Ecosystem,
    version: &'v str,
    entries: &[&Candidate<'_>],
) -> Cow<'v, str> {
    let family = ecosystem.name();
    let is_enterprise_linux = matches!(family, "Red Hat" | "AlmaLinux" | "Rocky Linux" | "Oracle");
    if !is_enterprise_linux || version.contains(':') {
        return version.into();
    }
    let fixes = entries
        .iter()
        .flat_map(|entry| &entry.ranges)
        .flat_map(|range| &range.events)
        .filter(|event| event.kind == EventKind::Fixed)
        .map(|event| event.version);
    match fixes.filter_map(|fix| epoch_for(version, fix)).next() {
        Some(epoch) => format!("{epoch}:{version}").into(),
        None => version.into(),
    }
}

/// The epoch of `fix`, if it is a build for the same major release as `version`.
fn epoch_for<'f>(version: &str, fix: &'f str) -> Option<&'f str> {
    let (epoch, build) = fix.split_once(':')?;
    let same_release = major_release(version).is_some_and(|m| major_release(build) == Some(m));
    (same_release && epoch != "0").then_some(epoch)
}

/// `9` of `3.0.7-18.el9_2` and of `18.1-1.module+el9.2.0+2+bb`.
fn major_release(version: &str) -> Option<&str> {
    version.match_indices("el").find_map(|(at, tag)| {
        let rest = &version[at + tag.len()..];
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let is_tag = version[..at].ends_with(['.', '+', '_']);
        (is_tag && digits > 0).then(|| &rest[..digits])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_of_the_same_release_has_the_epoch_of_the_fix() {
        let check = |version, fix, expected| {
            assert_eq!(epoch_for(version, fix), expected, "{version} {fix}")
        };
        check("3.0.7-18.el9_2", "1:3.0.1-41.el9_0", Some("1"));
        check(
            "18.1-1.module+el9.2.0+2+bb",
            "1:18.2-1.module+el9.4.0+1+aa",
            Some("1"),
        );
        check("3.0.7-18.el9_2", "1:1.1.1k-7.el8_6", None);
        check("3.0.7-18.el9_2", "3.0.1-41.el9_0", None);
        check("3.0.7-18.el9_2", "0:3.0.1-41.el9_0", None);
        check("3.0.7-18", "1:3.0.1-41.el9_0", None);
        check("3.0.7-18.kernel9", "1:3.0.1-41.el9_0", None);
    }
}
