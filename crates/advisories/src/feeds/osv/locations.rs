//! Where OSV archives are fetched from (<https://google.github.io/osv.dev/data/#data-dumps>): the public bucket has one
//! `all.zip` an ecosystem. Listed are those whose versions can be compared; the bucket's `ecosystems.txt` names the rest.

use crate::feeds::Location;

/// Builds the list: the ecosystem, and its folder in the bucket, which is its name percent-encoded.
macro_rules! bucket {
    ($($ecosystem:literal as $folder:literal,)+) => {
        &[$(Location {
            feed: concat!("osv/", $ecosystem),
            url: concat!("https://osv-vulnerabilities.storage.googleapis.com/", $folder, "/all.zip"),
        },)+]
    };
}

/// Every archive, in the bucket's order.
pub(super) static LOCATIONS: &[Location] = bucket![
    "AlmaLinux" as "AlmaLinux",
    "Alpaquita" as "Alpaquita",
    "Alpine" as "Alpine",
    "BellSoft Hardened Containers" as "BellSoft%20Hardened%20Containers",
    "Bitnami" as "Bitnami",
    "CRAN" as "CRAN",
    "Chainguard" as "Chainguard",
    "Debian" as "Debian",
    "Echo" as "Echo",
    "GHC" as "GHC",
    "GitHub Actions" as "GitHub%20Actions",
    "Go" as "Go",
    "Hackage" as "Hackage",
    "Hex" as "Hex",
    "Julia" as "Julia",
    "Mageia" as "Mageia",
    "Maven" as "Maven",
    "MinimOS" as "MinimOS",
    "NuGet" as "NuGet",
    "Packagist" as "Packagist",
    "Pub" as "Pub",
    "PyPI" as "PyPI",
    "Red Hat" as "Red%20Hat",
    "Rocky Linux" as "Rocky%20Linux",
    "RubyGems" as "RubyGems",
    "SUSE" as "SUSE",
    "SwiftURL" as "SwiftURL",
    "Ubuntu" as "Ubuntu",
    "VSCode" as "VSCode",
    "Wolfi" as "Wolfi",
    "crates.io" as "crates.io",
    "npm" as "npm",
    "openEuler" as "openEuler",
    "openSUSE" as "openSUSE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_ecosystem_has_an_order_of_versions_and_its_own_folder() {
        for location in LOCATIONS {
            let ecosystem = location.feed.trim_start_matches("osv/");
            assert!(versions::scheme_for(ecosystem).is_some(), "{ecosystem}");
            assert!(
                location
                    .url
                    .contains(&format!("/{}/", ecosystem.replace(' ', "%20"))),
                "{ecosystem}"
            );
        }
    }
}
