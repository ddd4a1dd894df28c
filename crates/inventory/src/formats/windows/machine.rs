//! One Windows machine while a file about it is read.

use base::{Limit, Note, Parsed};

use super::updates::Updates;
use crate::formats::notes::Notes;
use crate::{HostKind, Listing, Os, Package, Service, Windows, WindowsArch};

/// The most installed programs read of one machine.
const PROGRAMS: Limit = Limit::new("windows-programs", 20_000);
/// The most features, extensions or ports read of one machine, each.
pub(super) const ENTRIES: Limit = Limit::new("windows-entries", 20_000);
/// The longest name, version or path that is kept.
const TEXT_BYTES: Limit = Limit::new("windows-text-bytes", 1024);

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Machine {
    pub(super) host: Option<String>,
    pub(super) windows: Windows,
    /// `None` as long as the file lists no updates.
    pub(super) updates: Option<Updates>,
    pub(super) services: Vec<Service>,
    pub(super) notes: Notes,
    packages: Vec<Package>,
    programs_left_out: u64,
}

impl Machine {
    pub(super) fn new(notes: impl IntoIterator<Item = Note>) -> Self {
        let mut machine = Self::default();
        machine.notes.extend(notes);
        machine
    }

    /// Adds an installed program.
    pub(super) fn program(&mut self, package: Package) {
        let texts = [Some(&package.name), package.version.as_ref()];
        let is_long = |text: &String| TEXT_BYTES.is_exceeded_by(text.len() as u64);
        if texts.into_iter().flatten().any(is_long) {
            let note = Note::warning("a program with an overlong name or version was left out");
            self.notes.push(note.because_of(TEXT_BYTES));
        } else if PROGRAMS.is_exceeded_by(self.packages.len() as u64 + 1) {
            self.programs_left_out += 1;
        } else {
            self.packages.push(package);
        }
    }

    /// The list of updates; from now on the file is one that lists them.
    pub(super) fn updates(&mut self) -> &mut Updates {
        self.updates.get_or_insert_default()
    }

    /// Everything found.
    pub(super) fn finish(mut self) -> Parsed<Listing> {
        if self.programs_left_out > 0 {
            let what = format!("more programs were left out: {}", self.programs_left_out);
            self.notes.push(Note::warning(what).because_of(PROGRAMS));
        }
        self.windows.updates = self.updates.map(|u| u.finish(&mut self.notes));
        let mut listing = Listing {
            packages: self.packages,
            os: os(&self.windows),
            subject: self.host.map(|name| (name, Some(HostKind::Machine))),
            services: self.services,
            ..Listing::default()
        };
        if self.windows == Windows::default() && listing.packages.is_empty() {
            let what = "nothing about the machine could be read";
            self.notes.push(Note::error(what));
        } else {
            listing.windows = Some(self.windows);
        }
        Parsed {
            value: listing,
            notes: self.notes.into_vec(),
        }
    }
}

/// The system, where its build is known: the version without the revision, which not every source has.
fn os(windows: &Windows) -> Option<Os> {
    let build = windows.build?;
    let version = format!("{}.{}.{}", build.major, build.minor, build.build);
    Some(Os {
        pretty: windows.name.clone(),
        ..Os::named("windows", Some(&version))
    })
}

/// A text that is kept as it is, within the limit.
pub(super) fn kept(text: &str) -> Option<String> {
    let text = super::console::some(text)?;
    (!TEXT_BYTES.is_exceeded_by(text.len() as u64)).then(|| text.to_owned())
}

/// An architecture by any of its words: `x64` in `x64-based PC`, `AMD64` in the environment, `amd64fre` in the name of a build.
pub(super) fn arch(word: &str) -> Option<WindowsArch> {
    match word.to_ascii_lowercase().as_str() {
        "x86" | "x86fre" | "32-bit" => Some(WindowsArch::X86),
        "x64" | "amd64" | "amd64fre" => Some(WindowsArch::X64),
        "arm64" | "arm64fre" => Some(WindowsArch::Arm64),
        "ia64" | "ia64fre" | "itanium" => Some(WindowsArch::Ia64),
        _ => None,
    }
}

/// Whether a system has no desktop, by its `InstallationType`: `Server Core`, `Server`, `Client`.
pub(super) fn is_core(installation: &str) -> Option<bool> {
    match installation {
        "Server Core" | "Nano Server" => Some(true),
        "Server" | "Client" => Some(false),
        _ => None,
    }
}

/// The number at the end of `Service Pack 1`, `Dodatek Service Pack 2`.
pub(super) fn service_pack(text: &str) -> Option<u8> {
    let digits = |word: &str| word.parse().ok().filter(|n: &u8| (1..=9).contains(n));
    text.split_whitespace().rev().find_map(digits)
}

/// The name in the registry, which lacks the maker and on Windows 11 still says Windows 10.
pub(super) fn product_name(name: &str, build: Option<u32>) -> Option<String> {
    const FIRST_BUILD_OF_11: u32 = 22_000;
    let name = system_name(name)?;
    let name = if name.starts_with("Windows") {
        format!("Microsoft {name}")
    } else {
        name
    };
    let is_11 = build.is_some_and(|b| b >= FIRST_BUILD_OF_11);
    let ten = "Microsoft Windows 10";
    match name.strip_prefix(ten).filter(|_| is_11) {
        Some(rest) => Some(format!("Microsoft Windows 11{rest}")),
        None => Some(name),
    }
}

/// The name of a system without trademark signs, however a code page spelt those: `Microsoft® Windows Server® 2008 Standard`
/// is `Microsoftr Windows Serverr 2008 Standard` on a console of code page 437.
pub(super) fn system_name(text: &str) -> Option<String> {
    let without_signs = text
        .replace("(R)", " ")
        .replace("(TM)", " ")
        // The no-break space of French, from code page 850.
        .replace("Windowsÿ", "Windows ")
        .replace(['®', '™', '©', '\u{FFFD}'], " ");
    let words = without_signs.split_whitespace().map(|word| match word {
        "Microsoftr" => "Microsoft",
        "Windowsr" => "Windows",
        "Serverr" => "Server",
        "VistaT" | "VistaTM" => "Vista",
        word => word,
    });
    let name = words.collect::<Vec<_>>().join(" ").replace(" ,", ",");
    kept(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_of_windows_11_is_corrected() {
        let check = |name: &str, build: u32, expected: &str| {
            assert_eq!(product_name(name, Some(build)).as_deref(), Some(expected));
        };
        check("Windows 10 Pro", 22_631, "Microsoft Windows 11 Pro");
        check("Windows 10 Pro", 19_045, "Microsoft Windows 10 Pro");
        check(
            "Windows Server 2022 Datacenter",
            20_348,
            "Microsoft Windows Server 2022 Datacenter",
        );
        check("Microsoft Windows XP", 2_600, "Microsoft Windows XP");
    }

    #[test]
    fn a_service_pack_is_the_number_at_the_end() {
        assert_eq!(service_pack("Service Pack 2, v.113"), None);
        assert_eq!(service_pack("Service Pack 3"), Some(3));
        assert_eq!(service_pack(""), None);
    }

    #[test]
    fn trademark_signs_go_however_they_are_spelt() {
        let check = |text: &str, expected: &str| {
            assert_eq!(system_name(text).as_deref(), Some(expected), "{text}");
        };
        check(
            "Microsoft Windows 7 Ultimate N ",
            "Microsoft Windows 7 Ultimate N",
        );
        for text in [
            "Microsoft® Windows Server® 2008 Standard",
            "Microsoftr Windows Serverr 2008 Standard",
            "Microsoft\u{FFFD} Windows Server\u{FFFD} 2008 Standard",
            "Microsoft(R) Windows(R) Server 2008 Standard",
        ] {
            check(text, "Microsoft Windows Server 2008 Standard");
        }
        check(
            "Microsoft(R) Windows(R) Server 2003, Standard Edition",
            "Microsoft Windows Server 2003, Standard Edition",
        );
        check(
            "Microsoft® Windows Vista™ Business",
            "Microsoft Windows Vista Business",
        );
        check(
            "Microsoft Windowsÿ7 Entreprise N ",
            "Microsoft Windows 7 Entreprise N",
        );
        check(
            "Microsoft\u{A0}Windows\u{A0}7 Entreprise",
            "Microsoft Windows 7 Entreprise",
        );
        assert_eq!(system_name(" ® "), None);
    }
}
