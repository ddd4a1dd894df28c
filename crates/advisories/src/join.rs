//! Which CVEs a record is about: the ids that lead there differ from source to source.
//!
//! OSV (<https://ossf.github.io/osv-schema/#aliases-field>) has three lists. `aliases` are other names of the same hole;
//! `upstream` are the holes a distribution's record passes on; `related` is anything. Errata of distributions were written
//! before `upstream` existed and put their CVEs into `related`, where a GitHub record names *other* holes. So the list to
//! read depends on who wrote the record, and who wrote it is the prefix of its id.

use std::collections::HashSet;

use base::CveId;

use crate::model::Advisory;

/// The ids of one record, as published.
#[derive(Clone, Copy, Debug)]
pub struct Ids<'a, S> {
    /// The record's own id.
    pub id: &'a str,
    /// Other names of the same vulnerability.
    pub aliases: &'a [S],
    /// Whatever the source calls related.
    pub related: &'a [S],
    /// The vulnerabilities upstream of it.
    pub upstream: &'a [S],
}

/// Id prefixes whose records are errata: one update that fixes the CVEs listed in `related` (and, since 2025, `upstream`).
///
/// Prefixes as in <https://ossf.github.io/osv-schema/#id-modified-fields>.
static ERRATA: &[&str] = &[
    "ALAS", // Amazon Linux
    "ALBA-",
    "ALEA-",
    "ALSA-", // AlmaLinux
    "AZL-",  // Azure Linux
    "CESA-", // CentOS
    "CGA-",  // Chainguard, Wolfi
    "DLA-",
    "DSA-",
    "DTSA-",
    "ELA-", // Debian
    "ELBA-",
    "ELSA-",   // Oracle Linux
    "FEDORA-", // Fedora
    "LSN-",
    "USN-", // Ubuntu
    "MGAA-",
    "MGASA-", // Mageia
    "MINI-",  // MinimOS
    "OESA-",  // openEuler
    "PHSA-",  // Photon OS
    "RHBA-",
    "RHEA-",
    "RHSA-", // Red Hat
    "RLBA-",
    "RLEA-",
    "RLSA-",
    "RXSA-", // Rocky Linux
    "SUSE-",
    "openSUSE-", // SUSE
];

/// Whether the id is that of a distribution's erratum.
pub fn is_erratum(id: &str) -> bool {
    // The per-CVE records of a distribution are not errata, whatever they start with.
    ERRATA.iter().any(|prefix| id.starts_with(prefix)) && in_id(id).is_none()
}

/// The CVEs the record is about, each once, in the order of id, aliases, upstream, related.
pub fn cves<S: AsRef<str>>(ids: Ids<'_, S>) -> Vec<CveId> {
    let related = if is_erratum(ids.id) { ids.related } else { &[] };
    let listed = [ids.aliases, ids.upstream, related];
    let listed = listed
        .into_iter()
        .flatten()
        .filter_map(|id| in_id(id.as_ref()));
    let mut seen = HashSet::new();
    let all = in_id(ids.id).into_iter().chain(listed);
    all.filter(|cve| seen.insert(*cve)).collect()
}

/// The CVE an id stands for: the id itself, one with a distribution's or project's prefix (`UBUNTU-CVE-2024-1234`,
/// `RUBYSEC-rack-CVE-2018-16470`), or a candidate number of before 2005 (`CAN-2004-0001`).
pub fn in_id(id: &str) -> Option<CveId> {
    let id = id.trim();
    if let Some(number) = id.strip_prefix("CAN-") {
        return format!("CVE-{number}").parse().ok();
    }
    let at = id.rfind("CVE-")?;
    let own = at == 0 || (id[..at].ends_with('-') && !id.contains(['/', ':', ' ']));
    own.then(|| id[at..].parse().ok())?
}

impl Advisory {
    /// The CVEs this record is about (see [`cves`]).
    pub fn cves(&self) -> Vec<CveId> {
        cves(Ids {
            id: &self.id,
            aliases: &self.aliases,
            related: &self.related,
            upstream: &self.upstream,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shapes of real records: id, aliases, related, upstream, and the CVEs they are about.
    const SHAPES: &str = "
        # Errata: related, and upstream in newer exports.
        ALSA-2024:1234         | | CVE-2023-0286 CVE-2022-4304 |                             | CVE-2023-0286 CVE-2022-4304
        RLSA-2023:0946         | | CVE-2023-0286               |                             | CVE-2023-0286
        RXSA-2023:0946         | | CVE-2023-0286               |                             | CVE-2023-0286
        RHSA-2023:0946         | | CVE-2023-0286 GO-2023-1234  |                             | CVE-2023-0286
        RHSA-2025:1            | | CVE-2023-0286               | CVE-2023-0287 CVE-2023-0286 | CVE-2023-0287 CVE-2023-0286
        SUSE-SU-2024:1234-1    | | CVE-2023-0286               | CVE-2023-0286               | CVE-2023-0286
        openSUSE-SU-2022:1-1   | | CVE-2021-44228              |                             | CVE-2021-44228
        MGASA-2024-0001        | | CVE-2023-0286               |                             | CVE-2023-0286
        ELSA-2024-0001         | | CVE-2023-0286               |                             | CVE-2023-0286
        ALAS2023-2024-001      | | CVE-2023-0286               |                             | CVE-2023-0286
        DSA-5343-1             | | CVE-2023-0286               |                             | CVE-2023-0286
        DSA-5343-1             | |                             | CVE-2023-0286 DEBIAN-CVE-2022-4304 | CVE-2023-0286 CVE-2022-4304
        DLA-3325-1             | CVE-2023-0286 | |             | CVE-2023-0286
        USN-5844-1             | | CVE-2023-0286 | UBUNTU-CVE-2023-0286 UBUNTU-CVE-2023-0401 | CVE-2023-0286 CVE-2023-0401
        OESA-2024-1001         | |                             | CVE-2023-0286               | CVE-2023-0286

        # Records of one CVE each: the id, and whatever else they relate to is not theirs.
        CVE-2023-0286          | GHSA-x4qr-2fvf-3mr5 | DSA-5343-1 CVE-1999-0001 | | CVE-2023-0286
        CVE-2019-9512          | CVE-2019-9514 GHSA-39qc-96h7-956f | | | CVE-2019-9512 CVE-2019-9514
        DEBIAN-CVE-2023-0286   | | CVE-1999-0001 | CVE-2023-0286 | CVE-2023-0286
        UBUNTU-CVE-2023-0286   | | USN-5844-1    | CVE-2023-0286 | CVE-2023-0286
        ALPINE-CVE-2023-0286   | |               | CVE-2023-0286 | CVE-2023-0286
        CURL-CVE-2023-38545    | CVE-2023-38545 | | | CVE-2023-38545

        # Languages and projects: related is another hole.
        GHSA-jfh8-c2jp-5v3q    | CVE-2021-44228 | CVE-2021-45046 | | CVE-2021-44228
        PYSEC-2023-1           | CVE-2023-0286 GHSA-x4qr-2fvf-3mr5 | CVE-2022-0001 | | CVE-2023-0286
        GO-2022-0001           | GHSA-x CVE-2022-21708 | CVE-2020-0001 | | CVE-2022-21708
        RUSTSEC-2023-0001      | CVE-2023-22466 | CVE-2020-0001 | | CVE-2023-22466
        BIT-apache-2021-41773  | CVE-2021-41773 | | | CVE-2021-41773
        RUBYSEC-rack-CVE-2018-16470 | CVE-2018-16470 | CVE-2018-0001 | | CVE-2018-16470
        RUSTSEC-2016-0001      | CAN-2004-0079 | | | CVE-2004-0079
        MAL-2024-1             | | CVE-2024-0001 | |
    ";

    #[test]
    fn each_source_names_its_cves_in_its_own_list() {
        for line in SHAPES.lines().map(str::trim).filter(|l| l.contains('|')) {
            let columns: Vec<Vec<&str>> = line
                .split('|')
                .map(|c| c.split_whitespace().collect())
                .collect();
            let found = cves(Ids {
                id: columns[0][0],
                aliases: &columns[1],
                related: &columns[2],
                upstream: &columns[3],
            });
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, columns[4], "{line}");
        }
    }

    #[test]
    fn blanks_around_an_id_are_no_part_of_it() {
        assert_eq!(in_id(" CVE-2019-6342"), "CVE-2019-6342".parse().ok());
    }

    #[test]
    fn an_address_is_not_an_id() {
        for id in [
            "https://example.org/CVE-2021-44228",
            "see CVE-2021-44228",
            "CVE-2021-44228/x",
            "XCVE-2021-44228",
            "",
        ] {
            assert_eq!(in_id(id), None, "{id}");
        }
    }
}
