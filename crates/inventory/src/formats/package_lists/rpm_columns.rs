//! One line of `rpm -qa`, in its own form `name-version-release.arch` or in the columns of `--qf`
//! (<https://rpm-software-management.github.io/rpm/manual/queryformat.html>), and of `dnf list installed`.

/// What a line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RpmLine<'t> {
    pub(super) name: &'t str,
    /// As printed: `1`, `0`, `(none)`; `None` where the form has none.
    pub(super) epoch: Option<&'t str>,
    pub(super) version: &'t str,
    pub(super) release: &'t str,
    pub(super) arch: Option<&'t str>,
    pub(super) source_rpm: Option<&'t str>,
    pub(super) module: Option<&'t str>,
}

const ARCHITECTURES: &[&str] = &[
    "noarch",
    "x86_64",
    "x86_64_v2",
    "i386",
    "i486",
    "i586",
    "i686",
    "aarch64",
    "armv5tel",
    "armv6hl",
    "armv7hl",
    "armv7hnl",
    "ppc",
    "ppc64",
    "ppc64le",
    "s390",
    "s390x",
    "riscv64",
    "loongarch64",
    "mips64el",
    "ia64",
    "sparc64",
    "alpha",
];

fn is_architecture(word: &str) -> bool {
    ARCHITECTURES.contains(&word)
}

/// What stands for nothing, as rpm prints it.
const NONE: &str = "(none)";

/// The line as `name-version-release.arch`, else as columns.
pub(super) fn read<'t>(columns: &[&'t str]) -> Option<RpmLine<'t>> {
    let (first, rest) = columns.split_first()?;
    match rest {
        [] => nevra(first),
        [evr, ..] if is_name_arch(first, evr) => name_arch(first, evr),
        _ => nevra(first)
            .filter(|l| l.arch.is_some() || l.name == "gpg-pubkey")
            .or_else(|| by_columns(first, rest)),
    }
}

/// `bash-5.1.8-6.el9.x86_64`; with an epoch in front of the version or of all, as `%{NEVRA}` and yum write it.
pub(super) fn nevra(word: &str) -> Option<RpmLine<'_>> {
    let (rest, arch) = match word.rsplit_once('.') {
        Some((rest, arch)) if is_architecture(arch) => (rest, Some(arch)),
        // Keys have no architecture.
        Some((rest, arch)) if arch == NONE => (rest, None),
        _ => (word, None),
    };
    let (rest, release) = rest.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let (epoch, version) = with_epoch(version);
    let (own_epoch, name) = match name.split_once(':') {
        Some((epoch, name)) if is_epoch(epoch) => (Some(epoch), name),
        _ => (None, name),
    };
    let line = RpmLine {
        name,
        epoch: epoch.or(own_epoch),
        version,
        release,
        arch,
        ..RpmLine::default()
    };
    (is_name(name) && is_version(version) && is_version(release)).then_some(line)
}

/// `bash.x86_64  5.1.8-6.el9  @baseos`, as dnf prints it.
fn is_name_arch(first: &str, evr: &str) -> bool {
    let has_release = evr.contains('-') && evr.starts_with(|c: char| c.is_ascii_digit());
    has_release
        && first
            .rsplit_once('.')
            .is_some_and(|(_, arch)| is_architecture(arch))
}

fn name_arch<'t>(first: &'t str, evr: &'t str) -> Option<RpmLine<'t>> {
    let (name, arch) = first.rsplit_once('.')?;
    let line = version_release(name, evr)?;
    Some(RpmLine {
        arch: Some(arch),
        ..line
    })
}

/// Name, then between it and the architecture one to three columns of epoch, version and release; what else there is can
/// stand anywhere and is told by its look.
fn by_columns<'t>(name: &'t str, rest: &[&'t str]) -> Option<RpmLine<'t>> {
    let mut line = RpmLine::default();
    let mut plain = Vec::new();
    for column in rest {
        if column.ends_with(".src.rpm") || column.ends_with(".nosrc.rpm") {
            line.source_rpm = Some(column);
        } else if column.matches(':').count() >= 2 {
            line.module = Some(column);
        } else {
            plain.push(*column);
        }
    }
    let arch_at = plain.iter().position(|column| is_architecture(column));
    let before = &plain[..arch_at.unwrap_or(plain.len())];
    // Without an architecture, trailing `(none)` are modules and sources that a package has not.
    let trailing = before
        .iter()
        .rev()
        .take_while(|c| arch_at.is_none() && **c == NONE)
        .count();
    let found = match before[..before.len() - trailing] {
        [evr] => version_release(name, evr)?,
        [epoch, vr] if is_epoch(epoch) && vr.contains('-') => RpmLine {
            epoch: Some(epoch),
            ..version_release(name, vr)?
        },
        [version, release] => RpmLine {
            name,
            version,
            release,
            ..line
        },
        [epoch, version, release] if is_epoch(epoch) => RpmLine {
            name,
            epoch: Some(epoch),
            version,
            release,
            ..line
        },
        _ => return None,
    };
    let line = RpmLine {
        arch: arch_at.map(|at| plain[at]),
        source_rpm: line.source_rpm,
        module: line.module,
        ..found
    };
    (is_name(line.name) && is_version(line.version) && is_version(line.release)).then_some(line)
}

fn version_release<'t>(name: &'t str, evr: &'t str) -> Option<RpmLine<'t>> {
    let (version, release) = evr.rsplit_once('-')?;
    let (epoch, version) = with_epoch(version);
    Some(RpmLine {
        name,
        epoch,
        version,
        release,
        ..RpmLine::default()
    })
}

fn with_epoch(version: &str) -> (Option<&str>, &str) {
    match version.split_once(':') {
        Some((epoch, version)) if is_epoch(epoch) => (Some(epoch), version),
        _ => (None, version),
    }
}

fn is_epoch(word: &str) -> bool {
    word == NONE
        || (!word.is_empty() && word.len() < 10 && word.bytes().all(|b| b.is_ascii_digit()))
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b))
}

fn is_version(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".+_~^".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name epoch version release arch source module`.
    fn check(line: &str, expected: &str) {
        let found = read(&super::super::columns(line)).map_or("none".to_owned(), |l| {
            [
                l.name,
                l.epoch.unwrap_or("-"),
                l.version,
                l.release,
                l.arch.unwrap_or("-"),
                l.source_rpm.unwrap_or("-"),
                l.module.unwrap_or("-"),
            ]
            .join(" ")
        });
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn the_form_of_rpm_itself_is_read_with_and_without_epoch() {
        check("bash-5.1.8-6.el9.x86_64", "bash - 5.1.8 6.el9 x86_64 - -");
        check(
            "dbus-libs-1:1.12.20-8.el9.x86_64",
            "dbus-libs 1 1.12.20 8.el9 x86_64 - -",
        );
        check(
            "1:dbus-libs-1.12.20-8.el9.x86_64",
            "dbus-libs 1 1.12.20 8.el9 x86_64 - -",
        );
        check(
            "bash-(none):5.1.8-6.el9.x86_64",
            "bash (none) 5.1.8 6.el9 x86_64 - -",
        );
        check(
            "gpg-pubkey-fd431d51-4ae0493b.(none)",
            "gpg-pubkey - fd431d51 4ae0493b - - -",
        );
        check("bash-3.2-32.el5", "bash - 3.2 32.el5 - - -");
        check(
            "bash-5.1.8-6.el9.x86_64    Mon Jan  1 10:00:00 2024",
            "bash - 5.1.8 6.el9 x86_64 - -",
        );
        check(
            "java-11-openjdk-11.0.22.0.7-2.el9.x86_64",
            "java-11-openjdk - 11.0.22.0.7 2.el9 x86_64 - -",
        );
        check("word", "none");
        check("a sentence in a text", "none");
    }

    #[test]
    fn columns_are_told_by_number_and_look() {
        check("bash 5.1.8 6.el9 x86_64", "bash - 5.1.8 6.el9 x86_64 - -");
        check(
            "bash (none) 5.1.8 6.el9 x86_64",
            "bash (none) 5.1.8 6.el9 x86_64 - -",
        );
        check(
            "filesystem 3 2.el9 x86_64",
            "filesystem - 3 2.el9 x86_64 - -",
        );
        check(
            "bind 32 9.16.23 1.el9 x86_64 bind-9.16.23-1.el9.src.rpm (none)",
            "bind 32 9.16.23 1.el9 x86_64 bind-9.16.23-1.el9.src.rpm -",
        );
        check(
            "nodejs 1 18.1 1.module+el8 x86_64 nodejs-18.1-1.module+el8.src.rpm nodejs:18:80:ab",
            "nodejs 1 18.1 1.module+el8 x86_64 nodejs-18.1-1.module+el8.src.rpm nodejs:18:80:ab",
        );
        check("bash|0|5.1.8|6.el9|x86_64", "bash 0 5.1.8 6.el9 x86_64 - -");
        check("bash\t5.1.8-6.el9", "bash - 5.1.8 6.el9 - - -");
        check("bash,0:5.1.8-6.el9,x86_64", "bash 0 5.1.8 6.el9 x86_64 - -");
        check(
            "bash.x86_64   5.1.8-6.el9   @baseos",
            "bash - 5.1.8 6.el9 x86_64 - -",
        );
        check(
            "java-11-openjdk.x86_64 1:11.0.22-2.el9 @appstream",
            "java-11-openjdk 1 11.0.22 2.el9 x86_64 - -",
        );
    }
}
