//! Products that services name on the wire, as packages of the ecosystem `product`, so that records of NVD and the CVE list can be
//! held against them. A banner is weak evidence: distributions repair without changing it.

use base::Ecosystem;

use crate::{Package, Service};

/// The ecosystem of products no package manager installs; names are `vendor/product` as in CPE names.
const PRODUCT: &str = "product";

/// The product of a service that no installed package accounts for.
pub(crate) fn package(service: &Service) -> Option<Package> {
    let product = service.product.as_ref()?;
    let cpe = product.cpe.as_ref()?;
    if service.package.is_some() {
        return None;
    }
    let first_word = |version: &String| version.split_whitespace().next().map(str::to_owned);
    let version = cpe
        .version
        .clone()
        .or_else(|| product.version.as_ref().and_then(first_word));
    let name = format!("{}/{}", cpe.vendor, cpe.product);
    let mut package = Package::new(name, version, service.location.clone());
    package.ecosystem = Some(Ecosystem::new(PRODUCT));
    package.cpe = Some(cpe.clone());
    Some(package)
}
