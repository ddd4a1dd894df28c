//! Ids of vulnerabilities in the texts of a report.

use std::collections::BTreeSet;

use base::CveId;

/// The most CVEs read of one finding.
const CVES_MAX: usize = 2000;

/// Every CVE in some texts, sorted, each once.
pub(super) fn cves<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<CveId> {
    let mut all = BTreeSet::new();
    for text in texts {
        for word in words(text) {
            if all.len() == CVES_MAX {
                break;
            }
            all.extend(CveId::find(word));
        }
    }
    all.into_iter().collect()
}

/// The first id of a kind we know in a rule's name: `GHSA-…`, `CVE-…`, `RUSTSEC-…`.
pub(super) fn first(text: &str) -> Option<String> {
    const GHSA_CHARACTERS: usize = "GHSA-aaaa-bbbb-cccc".len();
    if let Some(cve) = CveId::find(text) {
        return Some(cve.to_string());
    }
    let upper = text.to_ascii_uppercase();
    let at = upper.find("GHSA-")?;
    let id = text.get(at..at + GHSA_CHARACTERS)?;
    let is_whole = id[5..]
        .split('-')
        .all(|part| part.len() == 4 && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    is_whole.then(|| format!("GHSA-{}", id[5..].to_ascii_lowercase()))
}

/// Between two characters that no id has.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_texts() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<String> = cves([text]).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected, "{text}");
        };
        check(
            "CVE-2021-44228, CVE-2021-45046,cve-2021-44228",
            &["CVE-2021-44228", "CVE-2021-45046"],
        );
        check("NOCVE", &[]);
        let first = |text: &str| first(text).unwrap_or_default();
        assert_eq!(first("CVE-2021-44228-log4j-core"), "CVE-2021-44228");
        assert_eq!(
            first("ghsa-JFH8-c2jp-5v3q-log4j-core"),
            "GHSA-jfh8-c2jp-5v3q"
        );
        assert_eq!(first("GHSA-jfh8"), "");
        assert_eq!(first("js/xss"), "");
    }
}
