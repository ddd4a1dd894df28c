//! Red Hat module streams: an erratum for `nodejs:18` says nothing of a host that has `nodejs:20`.
//!
//! OSV records carry no stream. It is read from the erratum's one-line title (`nodejs:18 security update`); where that
//! is silent, from the version: modular builds have `.module` in the release, and two streams differ in major version.

use inventory::Package;

/// Why a record about another stream does not hold, or `None` when it may.
pub(crate) fn other_stream(
    package: &Package,
    installed: &str,
    fixed: &str,
    summary: &str,
) -> Option<String> {
    let (installed_is_modular, fixed_is_modular) = (is_modular(installed), is_modular(fixed));
    if fixed_is_modular && !installed_is_modular {
        return Some(format!(
            "the fix {fixed} is for a module stream, and {installed} is not from a module"
        ));
    }
    if installed_is_modular && !fixed_is_modular {
        return Some(format!(
            "{installed} is from a module stream, and the fix {fixed} is not"
        ));
    }
    if !fixed_is_modular {
        return None;
    }
    let named: Vec<(&str, &str)> = title_streams(summary).collect();
    let ours = package.module.as_deref().and_then(label_stream);
    let of_our_module = |(name, stream): (&str, &str)| {
        let streams = named.iter().filter(|(other, _)| *other == name);
        let streams: Vec<&str> = streams.map(|(_, stream)| *stream).collect();
        let is_other = !streams.is_empty() && !streams.contains(&stream);
        (!streams.is_empty()).then(|| {
            is_other.then(|| {
                let theirs = streams.join(", ");
                format!("installed from {name}:{stream}, the record is about {name}:{theirs}")
            })
        })
    };
    if let Some(decided) = ours.and_then(of_our_module) {
        return decided;
    }
    // A rolling stream (`virt:rhel`, `container-tools:rhel8`) goes on to new major versions.
    if ours.is_none() && named.iter().any(|(_, stream)| is_rolling(stream)) {
        return None;
    }
    (major(installed) != major(fixed)).then(|| {
        format!(
            "{installed} and the fix {fixed} are of different module streams (major versions differ)"
        )
    })
}

/// Whether an entry that names its stream (`enterprise_linux:8::module:nodejs:18`) is about the installed one. What is from no
/// module, or does not say from which, is not.
pub(crate) fn entry_applies(published: &str, module: Option<&str>) -> bool {
    let Some((_, stream)) = published.split_once("::module:") else {
        return true;
    };
    module.and_then(label_stream) == label_stream(stream)
}

pub(crate) fn is_modular(version: &str) -> bool {
    version.contains(".module+el") || version.contains(".module_el")
}

/// `nodejs:18:8090020240101:…` is name and stream.
fn label_stream(label: &str) -> Option<(&str, &str)> {
    let mut parts = label.split(':');
    Some((parts.next()?, parts.next()?))
}

/// The `name:stream` words of a title: `Important: virt:rhel and virt-devel:rhel security update`.
fn title_streams(title: &str) -> impl Iterator<Item = (&str, &str)> {
    title
        .split_whitespace()
        .filter_map(|word| word.trim_end_matches([',', ';', '.']).split_once(':'))
        .filter(|(name, stream)| !name.is_empty() && !stream.is_empty() && !stream.starts_with('/'))
}

/// Streams are named by a version (`18`, `5.32`, `10.3`) or, where they follow the release, by it.
fn is_rolling(stream: &str) -> bool {
    stream.starts_with("rhel") || stream.starts_with("el")
}

/// The upstream major version, without the epoch.
fn major(version: &str) -> &str {
    let upstream = version.split_once(':').map_or(version, |(_, v)| v);
    upstream.split(['.', '-']).next().unwrap_or(upstream)
}

#[cfg(test)]
mod tests {
    use inventory::Location;

    use super::*;

    fn check(module: Option<&str>, installed: &str, fixed: &str, title: &str, is_other: bool) {
        let package = Package {
            name: "nodejs".to_owned(),
            version: Some(installed.to_owned()),
            ecosystem: None,
            purl: None,
            source: None,
            arch: None,
            module: module.map(str::to_owned),
            cpe: None,
            kept: None,
            locations: vec![Location::file("x")],
        };
        assert_eq!(
            other_stream(&package, installed, fixed, title).is_some(),
            is_other,
            "{installed} {fixed}"
        );
    }

    #[test]
    fn the_title_names_the_stream() {
        let installed = "1:18.1.0-1.module+el8.9.0+1+aa";
        let fixed = "1:18.2.0-1.module+el8.9.0+2+bb";
        check(
            Some("nodejs:18:809:cc"),
            installed,
            fixed,
            "Important: nodejs:18 security update",
            false,
        );
        check(
            Some("nodejs:16:809:cc"),
            installed,
            fixed,
            "Important: nodejs:18 security update",
            true,
        );
    }

    #[test]
    fn without_a_label_the_major_version_tells() {
        check(
            None,
            "1:16.1.0-1.module+el8.9.0+1+aa",
            "1:18.2.0-1.module+el8.9.0+2+bb",
            "nodejs:18 security update",
            true,
        );
        check(
            None,
            "1:18.1.0-1.module+el8.9.0+1+aa",
            "1:18.2.0-1.module+el8.9.0+2+bb",
            "",
            false,
        );
    }

    #[test]
    fn a_rolling_stream_goes_on_to_new_major_versions() {
        let (installed, fixed) = (
            "0:4.5.0-35.2.module+el8.1.0+5256+aa",
            "0:8.0.0-19.1.module+el8.8.0+18453+bb",
        );
        let title = "virt:rhel and virt-devel:rhel security update";
        check(None, installed, fixed, title, false);
        check(Some("virt:rhel:8010:cc"), installed, fixed, title, false);
        check(
            Some("virt-devel:rhel:8010:cc"),
            installed,
            fixed,
            title,
            false,
        );
        check(Some("virt:av:8010:cc"), installed, fixed, title, true);
        check(None, installed, fixed, "virt:8.3 security update", true);
    }

    #[test]
    fn modular_and_ordinary_builds_do_not_mix() {
        check(
            None,
            "1:18.1.0-1.el9",
            "1:18.2.0-1.module+el9.2.0+2+bb",
            "",
            true,
        );
        check(
            None,
            "1:18.1.0-1.module_el8.9.0+1+aa",
            "1:18.2.0-1.el8",
            "",
            true,
        );
        check(None, "1:18.1.0-1.el9", "1:18.2.0-1.el9", "", false);
    }
}
