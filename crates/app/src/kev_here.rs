//! What a newly exploited vulnerability means here where no finding stands: each entry of the KEV list is answered, and the answer
//! says how it is known. Names of products are prose in the list, so they are held against the register's by their words.

use std::collections::BTreeSet;

use advisories::catalog::{Catalog, CatalogError};
use advisories::model::{KevEntry, MICROSOFT, PRODUCT};
use advisories::names::normalise;
use base::CveId;
use inventory::{Host, Package};
use jiff::civil::Date;
use matching::{Options, match_package};
use reports::briefing::{Doubt, Hosts, Verdict};

use crate::assess::Subject;

/// A package as feeds name it: ecosystem without a release, and the name it is compared by.
type Name = (String, String);

/// The answer for one entry, should no finding stand.
pub(crate) fn otherwise(
    catalog: &Catalog,
    subjects: &[Subject],
    entry: &KevEntry,
    today: Date,
) -> Result<Verdict, CatalogError> {
    let names = names(catalog, entry.cve)?;
    let is_product_named = names.iter().any(|(ecosystem, _)| ecosystem == PRODUCT);
    let wanted = Wanted {
        listed: if is_product_named {
            Vec::new()
        } else {
            listed_names(entry)
        },
        names,
    };
    let mut check = Check::default();
    let mut is_here = false;
    let mut has_register = false;
    for Subject { host, .. } in subjects {
        for package in &host.packages {
            has_register |= package.kept.is_some();
            let Some(held) = wanted.held(package) else {
                continue;
            };
            is_here = true;
            if let Some(doubt) = doubt(catalog, host, package, held, entry.cve, today)? {
                check.add(host, package, doubt);
            }
        }
    }
    if !check.hosts.is_empty() {
        return Ok(check.verdict());
    }
    // A register is where products would stand; without one only packages can be told.
    let is_told = |(ecosystem, _): &&Name| has_register || ecosystem != PRODUCT;
    let told: Vec<String> = wanted.names.iter().filter(is_told).map(shown).collect();
    if !told.is_empty() || is_here {
        return Ok(Verdict::NotFound {
            names: told,
            is_here,
        });
    }
    Ok(Verdict::CannotSay {
        names: wanted.names.iter().map(shown).collect(),
        has_register,
    })
}

fn shown((ecosystem, name): &Name) -> String {
    match ecosystem.as_str() {
        PRODUCT => name.clone(),
        _ => format!("{name} ({ecosystem})"),
    }
}

fn family(ecosystem: &str) -> &str {
    ecosystem.split(':').next().unwrap_or(ecosystem)
}

/// What records of the catalog name as affected.
fn names(catalog: &Catalog, cve: CveId) -> Result<BTreeSet<Name>, CatalogError> {
    let mut names = BTreeSet::new();
    for ix in catalog.find(&cve.to_string())? {
        for candidate in catalog.affected(ix)? {
            let ecosystem = family(candidate.ecosystem);
            let name = normalise(ecosystem, candidate.package);
            names.insert((ecosystem.to_owned(), name.into_owned()));
        }
    }
    Ok(names)
}

/// `vendor/product` for each product the list names: `FortiOS and FortiProxy` are two.
fn listed_names(entry: &KevEntry) -> Vec<String> {
    let vendor = words(&entry.vendor);
    let prose = entry.product.replace(" and ", ",");
    let parts = prose.split([',', '/']);
    let name = |part: &str| {
        let product = words(part);
        let bare = product
            .strip_prefix(&vendor)
            .and_then(|p| p.strip_prefix('_'));
        let name = format!("{vendor}/{}", bare.unwrap_or(&product));
        (!product.is_empty()).then(|| normalise(PRODUCT, &name).into_owned())
    };
    parts.filter_map(name).collect()
}

fn words(text: &str) -> String {
    let text = text.to_lowercase();
    let bare = text.split('(').next().unwrap_or_default();
    bare.split_whitespace().collect::<Vec<_>>().join("_")
}

struct Wanted {
    names: BTreeSet<Name>,
    /// Names as the KEV list has them, where no record names a product.
    listed: Vec<String>,
}

/// By whose word a package here is the one that is exploited.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    /// A record names it.
    Record,
    /// Only the KEV list does.
    List,
}

impl Wanted {
    fn held(&self, package: &Package) -> Option<Held> {
        let ecosystem = package.ecosystem.as_ref()?.name();
        let of_source = package.source.as_ref().map(|s| s.name.as_str());
        let mut own = [Some(package.name.as_str()), of_source]
            .into_iter()
            .flatten();
        let is_named = own.any(|name| {
            let name = normalise(ecosystem, name).into_owned();
            self.names.contains(&(ecosystem.to_owned(), name))
        });
        if is_named {
            return Some(Held::Record);
        }
        let is_listed = match ecosystem {
            PRODUCT => {
                let name = normalise(PRODUCT, &package.name);
                self.listed.iter().any(|listed| is_same(listed, &name))
            }
            // `Windows Server 2019` is of `Windows`; other families of records would have named it.
            MICROSOFT if self.names.iter().all(|(e, _)| e != MICROSOFT) => {
                let name = package.name.to_lowercase().replace(' ', "_");
                let of_microsoft = |l: &String| {
                    let product = l.strip_prefix("microsoft/");
                    product.is_some_and(|p| {
                        name.starts_with(p) || name.starts_with(&format!("microsoft_{p}"))
                    })
                };
                self.listed.iter().any(of_microsoft)
            }
            _ => false,
        };
        is_listed.then_some(Held::List)
    }
}

/// Whether a name of the list is of a product: the same, or one is the beginning of the other by whole words.
fn is_same(listed: &str, product: &str) -> bool {
    let begins = |whole: &str, part: &str| {
        whole
            .strip_prefix(part)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    let is_of_all = listed
        .split_once("/multiple_")
        .is_some_and(|(vendor, _)| product.starts_with(&format!("{vendor}/")));
    is_of_all || begins(listed, product) || begins(product, listed)
}

/// Why it cannot be said that the package is not affected.
fn doubt(
    catalog: &Catalog,
    host: &Host,
    package: &Package,
    held: Held,
    cve: CveId,
    today: Date,
) -> Result<Option<Doubt>, CatalogError> {
    if package.version.as_deref().is_none_or(str::is_empty) {
        return Ok(Some(Doubt::NoVersion));
    }
    if held == Held::List {
        return Ok(Some(Doubt::NoRange));
    }
    if let Some(kept) = &package.kept
        && kept.is_unconfirmed(today)
    {
        return Ok(Some(Doubt::Unconfirmed(kept.age(today))));
    }
    let matches = match_package(catalog, host, package, Options::of(host, true))?;
    let is_cleared = matches.not_affected.iter().any(|n| n.cves.contains(&cve));
    Ok((!is_cleared).then_some(Doubt::NoRange))
}

#[derive(Default)]
struct Check {
    hosts: BTreeSet<String>,
    packages: BTreeSet<String>,
    owners: BTreeSet<String>,
    doubts: BTreeSet<Doubt>,
}

impl Check {
    fn add(&mut self, host: &Host, package: &Package, doubt: Doubt) {
        self.hosts.insert(host.name.clone());
        self.packages.insert(package.name.clone());
        let owner = package.kept.as_ref().and_then(|kept| kept.owner.clone());
        self.owners.extend(owner);
        self.doubts.insert(doubt);
    }

    fn verdict(self) -> Verdict {
        Verdict::Check {
            hosts: Hosts::named(self.hosts),
            packages: self.packages.into_iter().collect(),
            owners: self.owners.into_iter().collect(),
            doubts: self.doubts.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_name_meets_a_product_by_its_words() {
        let check = |vendor: &str, listed: &str, product: &str, expected: bool| {
            let entry = KevEntry {
                cve: CveId::new(2026, 1),
                added: jiff::civil::date(2026, 8, 18),
                due: None,
                ransomware: None,
                vendor: vendor.to_owned(),
                product: listed.to_owned(),
                name: String::new(),
            };
            let product = normalise(PRODUCT, product).into_owned();
            let is_listed = listed_names(&entry).iter().any(|l| is_same(l, &product));
            assert_eq!(is_listed, expected, "{vendor} {listed}: {product}");
        };
        check(
            "Fortinet",
            "FortiOS and FortiProxy",
            "fortinet/fortigate",
            true,
        );
        check("Fortinet", "Multiple Products", "fortinet/fortimail", true);
        check("Broadcom", "VMware vCenter Server", "vmware/vcenter", true);
        check(
            "Palo Alto Networks",
            "PAN-OS",
            "palo_alto_networks/pan-os",
            true,
        );
        check(
            "Citrix",
            "NetScaler ADC and NetScaler Gateway",
            "citrix/netscaler_adc",
            true,
        );
        check(
            "Ivanti",
            "Endpoint Manager Mobile (EPMM)",
            "ivanti/epmm",
            true,
        );
        check("Cisco", "IOS XE Web UI", "cisco/ios_xe", true);
        check("Cisco", "Identity Services Engine", "cisco/ios_xe", false);
        check("D-Link", "DIR-859 Router", "cisco/ios", false);
    }
}
