//! `renv.lock` of R's renv (<https://rstudio.github.io/renv/articles/lockfile.html>).

use base::Parsed;

use super::json::{Entry, Members, entries, has_member};
use super::origin::Origin;
use super::pins::{Pins, Registry};
use super::text::{Lines, file_name, opening};
use crate::formats::text::decode;
use crate::{Format, HostKind, Input, Listing};

/// The lockfile of renv.
pub struct RenvLock;

impl Format for RenvLock {
    fn id(&self) -> &'static str {
        "renv-lock"
    }

    fn about(&self) -> &'static str {
        "renv.lock, the lockfile of R's renv"
    }

    fn kind(&self) -> HostKind {
        HostKind::Application
    }

    fn wants(&self, path: &str) -> bool {
        file_name(path) == "renv.lock"
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = opening(input.bytes);
        self.wants(input.path)
            || (has_member(&text, "R")
                && text.contains("\"Packages\"")
                && text.contains("\"Version\""))
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = decode(input.bytes);
        let lines = Lines::new(&text);
        let mut pins = Pins::new(input.path, &Registry::CRAN, note);
        let read = entries(&text, &["Packages"], |entry: Entry<'_>| {
            if !entry.list.is_empty() {
                let line = lines.of(entry.value.get());
                pin(&mut pins, line, &entry.key, &Members::of(entry.value));
            }
        });
        pins.end_of_json(read);
        pins.finish()
    }
}

/// A local package is the user's own code.
fn pin(pins: &mut Pins<'_>, line: u64, key: &str, entry: &Members<'_>) {
    let text = |name: &str| entry.string(name).unwrap_or_default();
    let name = entry.string("Package").unwrap_or_else(|| key.to_owned());
    let (version, source) = (text("Version"), text("Source"));
    pins.of_registry(match source.as_str() {
        "Bioconductor" => &Registry::BIOCONDUCTOR,
        _ => &Registry::CRAN,
    });
    let origin = match source.to_ascii_lowercase().as_str() {
        "local" => return,
        "github" | "gitlab" | "bitbucket" => {
            let host = entry.string("RemoteHost").unwrap_or_default();
            let address = format!(
                "https://{host}/{}/{}",
                text("RemoteUsername"),
                text("RemoteRepo")
            );
            Some(Origin::git_at(&address, &text("RemoteSha")))
        }
        "git" => Some(Origin::git_at(&text("RemoteUrl"), &text("RemoteSha"))),
        "url" => Some(Origin::download(&text("RemoteUrl"))),
        _ => None,
    };
    pins.pin_from(Some(line), &name, &version, origin);
}
