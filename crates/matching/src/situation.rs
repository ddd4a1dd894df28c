//! What a package's host adds to the question whether it is affected. Two hosts that agree in this and in the package agree in
//! every finding on it, which is what lets a fleet be asked once for each release and not once for each host.

use std::sync::Arc;

use advisories::catalog::{Catalog, CatalogError};
use advisories::model::MICROSOFT;
use inventory::{Host, HostKind, Package, Windows};

use crate::kernel::{Bearing, Kernels};
use crate::matched::Matches;
use crate::package::{Options, match_among};
use crate::scope::Scope;

/// The part of a host that decides about one of its packages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// The host takes updates from Ubuntu Pro; only ever set for packages of Ubuntu.
    pub ubuntu_pro: bool,
    /// The package holds code of a kernel that does not run, or none of the kernel it was built with: nothing counts.
    pub is_idle: bool,
    /// For a product of Microsoft: the state of the Windows it is on.
    pub windows: Option<Arc<Windows>>,
}

impl Situation {
    /// Of this package on this host. All packages of a host are asked, so what is known of its kernels and `windows` (the
    /// host's own, shared) are made once.
    pub fn of(
        package: &Package,
        options: Options,
        kernels: &Kernels,
        windows: Option<&Arc<Windows>>,
    ) -> Self {
        let is_of = |name: &str| package.ecosystem.as_ref().is_some_and(|e| e.name() == name);
        Self {
            ubuntu_pro: options.ubuntu_pro && is_of("Ubuntu"),
            is_idle: kernels.bearing(package) != Bearing::Counts,
            windows: windows.filter(|_| is_of(MICROSOFT)).cloned(),
        }
    }
}

/// Every vulnerability a package has in a situation: what [`match_package`](crate::match_package) and [`Kernels::settle`] say of it on each host that
/// has it so.
pub fn match_release(
    catalog: &Catalog,
    package: &Package,
    situation: &Situation,
) -> Result<Matches, CatalogError> {
    match_in(catalog, package, situation, None)
}

/// The same, from the records of a scope only where there is one.
pub(crate) fn match_in<'c>(
    catalog: &'c Catalog,
    package: &Package,
    situation: &Situation,
    scope: Option<&Scope<'c>>,
) -> Result<Matches, CatalogError> {
    if situation.is_idle {
        return Ok(Matches::default());
    }
    let host = Host {
        windows: situation.windows.as_deref().cloned(),
        ..Host::new("", HostKind::Machine)
    };
    let options = Options {
        negatives: false,
        ubuntu_pro: situation.ubuntu_pro,
    };
    match_among(catalog, &host, package, options, scope)
}
