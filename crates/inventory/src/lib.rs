//! Hosts and packages, and every format that lists them.
//!
//! `host` opens files and hands over [`Input`]s; [`formats::FORMATS`] recognises each by name and content; a format gives a
//! [`Listing`] with notes. A [`Host`] is what a target turned out to be: one or more listings, put together by [`assemble`]
//! with the operating system ([`Os`]) they belong to.
//!
//! Imports inside the crate go one way: `package`, `os`, `windows`, `running` ← `banner`, `host` ← `formats` ← `assemble`,
//! `fingerprints`.

mod assemble;
mod banner;
pub mod fingerprints;
pub mod formats;
mod host;
mod inferred_os;
mod os;
mod ownership;
mod package;
mod running;
mod service_products;
mod windows;
mod windows_products;

pub use assemble::assemble;
pub use banner::{Banner, banners_of};
pub use fingerprints::Fingerprints;
pub use formats::{FORMATS, Format, Input, Listing};
pub use host::{Host, HostKind};
pub use os::Os;
pub use package::{Kept, Location, Package, PackageManager, Source};
pub use running::{Confidence, Service, ServiceProduct, StaleProcess, Transport};
pub use windows::{
    Iis, IisExtension, InstalledUpdate, NotAWindowsBuild, Windows, WindowsArch, WindowsBuild,
    WindowsFeature,
};
