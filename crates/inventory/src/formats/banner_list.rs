//! A plain list of banners, `HOST PORT PROTOCOL BANNER` a line, as a script or another scanner can print it. The protocol is
//! `tcp` or `udp`, or the application's (`ssh`, `http`); a line that begins with `#` is a comment.

use std::collections::BTreeMap;

use base::{Limit, Note, Parsed};

use super::notes::Notes;
use super::{Format, Input, Listing, text};
use crate::{Confidence, HostKind, Location, Service, Transport, banners_of};

/// Lines of one file.
const LINES: Limit = Limit::new("banner-lines", 5_000_000);
/// The longest line that is looked at.
const LINE_BYTES: Limit = Limit::new("banner-line-bytes", 64 << 10);

/// Banners of many hosts, in a file named `banners.txt`.
pub struct BannerList;

impl Format for BannerList {
    fn id(&self) -> &'static str {
        "banners"
    }

    fn about(&self) -> &'static str {
        "banners of services: lines `HOST PORT PROTOCOL BANNER` in a file such as banners.txt, for --fingerprints"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let stem = name
            .strip_suffix(".txt")
            .or_else(|| name.strip_suffix(".tsv"));
        stem.is_some_and(|stem| stem == "banners" || stem.ends_with("-banners"))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        // Nothing in a line of words tells what it is, so the name decides.
        self.wants(input.path)
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut notes = Notes::default();
        notes.extend(note);
        let mut hosts: BTreeMap<String, Listing> = BTreeMap::new();
        for (number, line) in text::numbered_lines(&text) {
            if LINES.is_exceeded_by(number) {
                notes.push(Note::warning("more lines were left out").because_of(LINES));
                break;
            }
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            if LINE_BYTES.is_exceeded_by(line.len() as u64) {
                let note = Note::warning("an overlong line was left out");
                notes.push(note.at_line(number).because_of(LINE_BYTES));
                continue;
            }
            let Some((host, port, protocol, banner)) = fields(line) else {
                notes.warn(number, format!("not understood: {}", text::excerpt(line)));
                continue;
            };
            let transport = match protocol {
                "udp" => Transport::Udp,
                _ => Transport::Tcp,
            };
            let listing = hosts.entry(host.to_owned()).or_insert_with(|| Listing {
                host: Some(host.to_owned()),
                ..Listing::default()
            });
            listing
                .banners
                .extend(banners_of(transport, port, protocol, banner));
            listing.services.push(Service {
                transport,
                port,
                address: None,
                program: None,
                package: None,
                product: None,
                confidence: Confidence::Possible,
                location: Location::line(input.path, number),
            });
        }
        Parsed {
            value: Listing {
                hosts: hosts.into_values().collect(),
                ..Listing::default()
            },
            notes: notes.into_vec(),
        }
    }
}

/// The first three words and what follows them.
fn fields(line: &str) -> Option<(&str, u16, &str, &str)> {
    let blank = |c: char| c == ' ' || c == '\t';
    let (host, rest) = line.split_once(blank)?;
    let (port, rest) = rest.trim_start_matches(blank).split_once(blank)?;
    let (protocol, banner) = rest.trim_start_matches(blank).split_once(blank)?;
    let port = port.parse().ok().filter(|p| *p != 0)?;
    (!host.is_empty()).then_some((host, port, protocol, banner.trim_start_matches(blank)))
}
