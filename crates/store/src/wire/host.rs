//! An inventory in canonical bytes: a host, whole, without its name, so that two hosts that have the same share it.
//! A package URL is written in its canonical text, which is all that its equality rests on.

use base::{Cpe, Ecosystem, Kb, Purl};
use inventory::{
    Confidence, Host, HostKind, Iis, IisExtension, InstalledUpdate, Kept, Location, Os, Package,
    Service, ServiceProduct, Source, StaleProcess, Transport, Windows, WindowsArch, WindowsBuild,
    WindowsFeature,
};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Broken, Reader, Wire, choices, fields};

/// A host without its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredHost {
    kind: HostKind,
    os: Option<Os>,
    kernel: Option<String>,
    windows: Option<Windows>,
    services: Vec<Service>,
    stale: Vec<StaleProcess>,
    packages: Vec<Package>,
}

impl StoredHost {
    pub(crate) const VERSION: u8 = 1;

    /// All of a host but its name.
    pub(crate) fn of(host: Host) -> Self {
        let Host {
            name: _,
            kind,
            os,
            kernel,
            windows,
            services,
            stale,
            packages,
        } = host;
        Self {
            kind,
            os,
            kernel,
            windows,
            services,
            stale,
            packages,
        }
    }

    /// The host again, under a name.
    pub(crate) fn named(self, name: &str) -> Host {
        let Self {
            kind,
            os,
            kernel,
            windows,
            services,
            stale,
            packages,
        } = self;
        Host {
            name: name.to_owned(),
            kind,
            os,
            kernel,
            windows,
            services,
            stale,
            packages,
        }
    }
}

fields!(StoredHost {
    kind,
    os,
    kernel,
    windows,
    services,
    stale,
    packages
});
fields!(Os {
    id,
    version,
    codename,
    pretty,
    id_like
});
fields!(Windows {
    name,
    build,
    release,
    service_pack,
    arch,
    server_core,
    updates,
    updates_cut,
    features,
    iis,
    pending_reboot,
});
fields!(WindowsBuild {
    major,
    minor,
    build,
    revision
});
fields!(InstalledUpdate { kb, installed });
fields!(WindowsFeature { name, installed });
fields!(Iis {
    version,
    extensions
});
fields!(IisExtension { path, enabled });
fields!(Service {
    transport,
    port,
    address,
    program,
    package,
    product,
    confidence,
    location
});
fields!(ServiceProduct { name, version, cpe });
fields!(StaleProcess {
    pid,
    program,
    file,
    package
});
fields!(Package {
    name,
    version,
    ecosystem,
    purl,
    source,
    arch,
    module,
    cpe,
    kept,
    locations,
});
fields!(Source { name, version });
fields!(Kept { owner, confirmed });
fields!(Location { path, line, layer });
fields!(Cpe {
    part,
    vendor,
    product,
    version,
    update
});

choices!(HostKind { Machine = 0, Image = 1, Application = 2 });
choices!(Transport { Tcp = 0, Udp = 1, Sctp = 2 });
choices!(Confidence { Possible = 0, Likely = 1, Certain = 2 });
choices!(WindowsArch { X86 = 0, X64 = 1, Arm64 = 2, Ia64 = 3 });

impl Wire for Ecosystem {
    fn put(&self, out: &mut Vec<u8>) {
        self.name().to_owned().put(out);
        self.release().map(str::to_owned).put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let name = String::take(from)?;
        Ok(match <Option<String> as Wire>::take(from)? {
            Some(release) => Self::with_release(&name, &release),
            None => Self::new(&name),
        })
    }
}

impl Wire for Purl {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_str().to_owned().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let text = String::take(from)?;
        text.parse()
            .map_err(|error| Broken(format!("a package URL: {error}")))
    }
}

impl Wire for Kb {
    fn put(&self, out: &mut Vec<u8>) {
        self.number().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        u32::take(from).map(Self::new)
    }
}

impl Wire for char {
    fn put(&self, out: &mut Vec<u8>) {
        u32::from(*self).put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        Self::from_u32(u32::take(from)?)
            .ok_or_else(|| Broken("a number is no character".to_owned()))
    }
}

impl Wire for Date {
    fn put(&self, out: &mut Vec<u8>) {
        i64::from(self.year()).put(out);
        self.month().cast_unsigned().put(out);
        self.day().cast_unsigned().put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let no_day = |_| Broken("a day that does not exist".to_owned());
        let year = i16::try_from(i64::take(from)?).map_err(no_day)?;
        let month = i8::try_from(u8::take(from)?).map_err(no_day)?;
        let day = i8::try_from(u8::take(from)?).map_err(no_day)?;
        Self::new(year, month, day).map_err(|error| Broken(format!("a day: {error}")))
    }
}

impl Wire for Timestamp {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_second().put(out);
        i64::from(self.subsec_nanosecond()).put(out);
    }

    fn take(from: &mut Reader<'_>) -> Result<Self, Broken> {
        let (second, nanosecond) = <(i64, i64)>::take(from)?;
        let nanosecond = i32::try_from(nanosecond)
            .map_err(|_| Broken("a moment: too many nanoseconds".to_owned()))?;
        Self::new(second, nanosecond).map_err(|error| Broken(format!("a moment: {error}")))
    }
}
