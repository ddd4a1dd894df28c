//! A CycloneDX document as a listing.

use base::{Note, Parsed, Purl};

use super::component::{Bom, Component};
use super::{COMPONENTS, DEPTH, STRING_BYTES, properties};
use crate::formats::{Listing, purl_package, text};
use crate::{HostKind, Location, Os, Package};

/// The listing of a document read from `path`, with the notes so far.
pub(super) fn of(bom: &Bom<'_>, path: &str, notes: Vec<Note>) -> Parsed<Listing> {
    let mut reader = Reader {
        path,
        seen: 0,
        tally: Tally::default(),
        listing: Listing::default(),
        notes,
    };
    let root = bom.metadata.0.as_ref().and_then(|m| m.component.0.as_ref());
    if let Some(root) = root {
        reader.read_root(root);
    }
    reader.read_all(&bom.components.0, 1);
    // A document that lists nothing but what it describes means: check this.
    if let Some(root) =
        root.filter(|r| reader.listing.packages.is_empty() && r.purl.get().is_some())
    {
        reader.read_package(root);
    }
    reader.tally.note(&mut reader.notes);
    Parsed {
        value: reader.listing,
        notes: reader.notes,
    }
}

/// What is counted instead of noted one by one: a thousand notes of the same kind help nobody.
#[derive(Default)]
struct Tally {
    without_name: usize,
    without_purl: usize,
    with_cpe_only: usize,
    excluded: usize,
    overlong: usize,
    too_deep: usize,
    left_out: usize,
}

impl Tally {
    fn note(&self, notes: &mut Vec<Note>) {
        let mut say = |count: usize, note: fn(String) -> Note, what: &str| {
            if count > 0 {
                notes.push(note(format!("{count} components {what}")));
            }
        };
        say(
            self.without_name,
            Note::warning,
            "have no name and were left out",
        );
        say(
            self.without_purl,
            Note::warning,
            "have no package URL: their ecosystem is not known",
        );
        say(
            self.with_cpe_only,
            Note::info,
            "of these have a CPE, which is not matched",
        );
        say(
            self.excluded,
            Note::info,
            "have the scope \"excluded\" and are kept",
        );
        let over = |note: Note, count: usize| (count > 0).then_some(note);
        notes.extend(over(
            Note::warning("components with an overlong field were left out")
                .because_of(STRING_BYTES),
            self.overlong,
        ));
        notes.extend(over(
            Note::warning("components nested too deeply were left out").because_of(DEPTH),
            self.too_deep,
        ));
        notes.extend(over(
            Note::warning("more components were left out").because_of(COMPONENTS),
            self.left_out,
        ));
    }
}

struct Reader<'a> {
    path: &'a str,
    seen: u64,
    tally: Tally,
    listing: Listing,
    notes: Vec<Note>,
}

impl Reader<'_> {
    /// The root is what the document is about: it names the host and does not count as a package of it.
    fn read_root(&mut self, root: &Component<'_>) {
        let kind = host_kind(root.ty.get().unwrap_or_default());
        if let Some(name) = root.name.get() {
            let full = match root.group.get() {
                Some(group) => format!("{group}/{name}"),
                None => name.to_owned(),
            };
            let versioned = root
                .version
                .get()
                .map_or(full.clone(), |v| format!("{full}@{v}"));
            self.listing.subject = Some((versioned, kind));
        }
        if root.ty.get() == Some("operating-system") {
            self.read_os(root);
        }
        self.read_all(&root.components.0, 1);
    }

    fn read_all(&mut self, components: &[Component<'_>], depth: u64) {
        if DEPTH.is_exceeded_by(depth) {
            self.tally.too_deep += components.len();
            return;
        }
        for component in components {
            self.seen += 1;
            if COMPONENTS.is_exceeded_by(self.seen) {
                self.tally.left_out += 1;
                return;
            }
            self.read(component);
            self.read_all(&component.components.0, depth + 1);
        }
    }

    fn read(&mut self, component: &Component<'_>) {
        match component.ty.get().unwrap_or_default() {
            "operating-system" => self.read_os(component),
            // Files and the like are packages only where a package URL says so.
            "file" | "data" | "cryptographic-asset" | "device" | "machine-learning-model"
                if component.purl.get().is_none() => {}
            _ => self.read_package(component),
        }
    }

    fn read_os(&mut self, component: &Component<'_>) {
        let id = properties::value(component, "syft:distro:id").or(component.name.get());
        let version =
            properties::value(component, "syft:distro:versionID").or(component.version.get());
        let Some(id) = id else {
            self.notes.push(Note::warning(
                "an operating system without a name was left out",
            ));
            return;
        };
        let os = Os {
            codename: properties::value(component, "syft:distro:versionCodename")
                .map(str::to_owned),
            pretty: properties::value(component, "syft:distro:prettyName")
                .or(component.description.get())
                .map(str::to_owned),
            ..Os::named(id, version)
        };
        match &self.listing.os {
            None => self.listing.os = Some(os),
            Some(first) if (&first.id, &first.version) == (&os.id, &os.version) => {}
            Some(first) => {
                let what = format!(
                    "two operating systems are named; used {}, not {}",
                    first.label(),
                    os.label()
                );
                self.notes.push(Note::warning(what));
            }
        }
    }

    fn read_package(&mut self, component: &Component<'_>) {
        let strings = [
            &component.name,
            &component.version,
            &component.group,
            &component.purl,
        ];
        if strings
            .into_iter()
            .filter_map(|s| s.get())
            .any(|s| STRING_BYTES.is_exceeded_by(s.len() as u64))
        {
            self.tally.overlong += 1;
            return;
        }
        let place = Location::file(self.path);
        let from_purl = self
            .purl(component)
            .map(|purl| purl_package::package(&purl, place.clone()));
        let Some(mut package) = from_purl.or_else(|| self.by_name(component, place)) else {
            self.tally.without_name += 1;
            return;
        };
        if package.version.is_none() {
            package.version = component.version.get().map(str::to_owned);
        }
        properties::complete(&mut package, component);
        package.locations = properties::locations(component, self.path);
        self.tally.excluded += usize::from(component.scope.get() == Some("excluded"));
        self.listing.packages.push(package);
    }

    fn purl(&mut self, component: &Component<'_>) -> Option<Purl> {
        let text = component.purl.get()?;
        match text.parse() {
            Ok(purl) => Some(purl),
            Err(error) => {
                self.notes.push(Note::warning(format!(
                    "not a package URL ({error}): {}",
                    text::excerpt(text)
                )));
                None
            }
        }
    }

    /// Without a package URL only the name is known: `group/name`, in no ecosystem.
    fn by_name(&mut self, component: &Component<'_>, place: Location) -> Option<Package> {
        let name = component.name.get()?;
        self.tally.without_purl += 1;
        self.tally.with_cpe_only += usize::from(component.cpe.get().is_some());
        let full = component
            .group
            .get()
            .map_or(name.to_owned(), |group| format!("{group}/{name}"));
        Some(Package::new(
            full,
            component.version.get().map(str::to_owned),
            place,
        ))
    }
}

/// The component types of the specification that say what a host is.
fn host_kind(ty: &str) -> Option<HostKind> {
    match ty {
        "container" => Some(HostKind::Image),
        "operating-system" | "device" | "firmware" => Some(HostKind::Machine),
        "application" | "library" | "framework" | "platform" => Some(HostKind::Application),
        _ => None,
    }
}
