//! nmap's XML (`-oX`), of many hosts: open ports, the product a probe recognised, and what scripts printed
//! (<https://nmap.org/book/nmap-dtd.html>). masscan writes the same form.
//!
//! Services only: what was seen from outside. The document type is named and never followed; a declaration that brings
//! entities or points elsewhere is refused.

use std::collections::BTreeMap;

use base::{Cpe, Limit, Note, Parsed};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion, escape};

use super::notes::Notes;
use super::{Format, Input, Listing, text};
use crate::{
    Banner, Confidence, HostKind, Location, Service, ServiceProduct, Transport, banners_of,
};

/// Hosts of one file.
const HOSTS: Limit = Limit::new("nmap-hosts", 1_000_000);
/// Open ports of one file.
const PORTS: Limit = Limit::new("nmap-open-ports", 5_000_000);
/// The longest answer of a script that is kept.
const OUTPUT_BYTES: Limit = Limit::new("nmap-output-bytes", 16 << 10);

/// Scans of nmap and masscan.
pub struct Nmap;

impl Format for Nmap {
    fn id(&self) -> &'static str {
        "nmap"
    }

    fn about(&self) -> &'static str {
        "open ports and products of many hosts: the XML of nmap (`-oX`) or masscan"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.ends_with(".xml") && ["nmap", "masscan"].iter().any(|tool| name.contains(tool))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let sample = text::sample(input.bytes);
        sample.trim_start().starts_with('<') && sample.contains("<nmaprun")
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut walk = Walk {
            path: input.path,
            line: 1,
            ..Walk::default()
        };
        walk.notes.extend(note);
        let mut reader = Reader::from_str(&text);
        let mut counted = 0;
        loop {
            let event = reader.read_event();
            let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let position = position.min(text.len());
            let passed = &text.as_bytes()[counted.min(position)..position];
            walk.line += passed.iter().filter(|b| **b == b'\n').count() as u64;
            counted = position;
            let what = match event {
                Ok(Event::Eof) if walk.is_closed => break,
                Ok(Event::Eof) => Err("the document breaks off".to_owned()),
                Ok(event) => walk.take(event),
                Err(error) => Err(error.to_string()),
            };
            if let Err(what) = what {
                let what = format!("not readable as XML from here on: {what}");
                walk.notes.push(Note::warning(what).at_line(walk.line));
                // What is open is kept as far as it was read.
                walk.end("port");
                walk.end("host");
                break;
            }
        }
        walk.finish()
    }
}

#[derive(Default)]
struct Walk<'a> {
    path: &'a str,
    line: u64,
    is_closed: bool,
    host: Option<OpenHost>,
    port: Option<OpenPort>,
    /// The text of a `cpe` element.
    cpe: Option<String>,
    hosts: BTreeMap<String, Listing>,
    ports: u64,
    left_out: u64,
    notes: Notes,
}

/// A host that is being read.
#[derive(Default)]
struct OpenHost {
    is_down: bool,
    address: Option<String>,
    /// The name with how it was found: the user's before the reverse look-up's.
    name: Option<(bool, String)>,
    guess: Option<(u32, String)>,
    services: Vec<Service>,
    banners: Vec<Banner>,
}

/// A port that is being read.
struct OpenPort {
    transport: Transport,
    number: u16,
    is_open: bool,
    line: u64,
    protocol: String,
    product: Option<ServiceProduct>,
    was_probed: bool,
    /// What it answered, by what was asked.
    answers: Vec<(String, String)>,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let mut found = attributes.with_checks(false).flatten();
    let found = found.find(|a| a.key.as_ref() == name)?;
    let value = found.normalized_value(XmlVersion::Explicit1_0).ok()?;
    Some(value.into_owned()).filter(|v| !v.is_empty())
}

impl Walk<'_> {
    fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(element) => self.start(&element),
            Event::Empty(element) => {
                self.start(&element);
                self.end(element.name().as_ref());
            }
            Event::End(element) => self.end(element.name().as_ref()),
            Event::Text(text) => {
                if let Some(cpe) = &mut self.cpe {
                    cpe.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => return self.resolve(&reference),
            Event::DocType(declaration) if declaration.trim() != "nmaprun" => {
                return Err("a document type declaration is refused".to_owned());
            }
            _ => {}
        }
        Ok(())
    }

    fn resolve(&mut self, reference: &BytesRef<'_>) -> Result<(), String> {
        let is_character = reference
            .resolve_char_ref()
            .map_err(|e| e.to_string())?
            .is_some();
        let name = reference.xml10_content();
        if is_character || escape::resolve_xml_entity(&name).is_some() {
            return Ok(());
        }
        Err(format!("an entity is refused: {}", text::excerpt(&name)))
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        let name = element.name();
        match (name.as_ref(), &mut self.host, &mut self.port) {
            ("host", _, _) => self.host = Some(OpenHost::default()),
            ("status", Some(host), _) => {
                host.is_down = attribute(element, "state").is_some_and(|s| s == "down");
            }
            ("address", Some(host), _) if host.address.is_none() => {
                let is_mac = attribute(element, "addrtype").is_some_and(|t| t == "mac");
                host.address = attribute(element, "addr").filter(|_| !is_mac);
            }
            ("hostname", Some(host), _) => {
                let is_users = attribute(element, "type").is_some_and(|t| t == "user");
                let is_better = host
                    .name
                    .as_ref()
                    .is_none_or(|(users, _)| is_users && !users);
                if let Some(name) = attribute(element, "name").filter(|_| is_better) {
                    host.name = Some((is_users, name));
                }
            }
            ("osmatch", Some(host), _) => host.take_guess(element),
            ("port", Some(_), _) => self.port = open_port(element, self.line),
            ("state", _, Some(port)) => {
                port.is_open = attribute(element, "state").is_some_and(|s| s == "open");
            }
            ("service", _, Some(port)) => port.take_service(element),
            ("script", _, Some(port)) => {
                let (id, output) = (attribute(element, "id"), attribute(element, "output"));
                port.answers.extend(id.zip(output));
            }
            ("cpe", _, Some(_)) => self.cpe = Some(String::new()),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "cpe" => {
                let named = self.cpe.take().and_then(|cpe| cpe.parse::<Cpe>().ok());
                if let (Some(port), Some(cpe)) = (&mut self.port, named) {
                    port.take_cpe(cpe);
                }
            }
            "port" => self.close_port(),
            "host" => self.close_host(),
            "nmaprun" => self.is_closed = true,
            _ => {}
        }
    }

    fn close_port(&mut self) {
        let (Some(host), Some(port)) = (&mut self.host, self.port.take()) else {
            return;
        };
        if !port.is_open {
            return;
        }
        self.ports += 1;
        if PORTS.is_exceeded_by(self.ports) {
            self.left_out += 1;
            return;
        }
        host.banners.extend(port.banners());
        host.services.push(Service {
            transport: port.transport,
            port: port.number,
            address: host.address.clone(),
            program: None,
            package: None,
            confidence: match port.was_probed {
                true => Confidence::Likely,
                false => Confidence::Possible,
            },
            product: port.product,
            location: Location::line(self.path, port.line),
        });
    }

    fn close_host(&mut self) {
        let Some(host) = self.host.take() else {
            return;
        };
        let name = host.name.map(|(_, name)| name).or(host.address);
        let Some(name) = name.filter(|_| !host.is_down) else {
            return;
        };
        if HOSTS.is_exceeded_by(self.hosts.len() as u64 + 1) {
            self.left_out += 1;
            return;
        }
        if let Some((accuracy, guess)) = host.guess {
            let what = format!("{name}: the operating system seems to be {guess} ({accuracy} %)");
            self.notes.push(Note::info(what).at_line(self.line));
        }
        // masscan writes one element for each port, so a host comes again.
        let listing = self.hosts.entry(name.clone()).or_insert_with(|| Listing {
            host: Some(name),
            ..Listing::default()
        });
        listing.services.extend(host.services);
        listing.banners.extend(host.banners);
    }

    fn finish(mut self) -> Parsed<Listing> {
        if self.left_out > 0 {
            let what = format!("hosts or ports left out: {}", self.left_out);
            let limit = match PORTS.is_exceeded_by(self.ports) {
                true => PORTS,
                false => HOSTS,
            };
            self.notes.push(Note::warning(what).because_of(limit));
        }
        for listing in self.hosts.values_mut() {
            listing.services.sort_by_key(|s| (s.transport, s.port));
            listing
                .services
                .dedup_by_key(|s| (s.transport, s.port, s.address.clone()));
        }
        Parsed {
            value: Listing {
                hosts: self.hosts.into_values().collect(),
                ..Listing::default()
            },
            notes: self.notes.into_vec(),
        }
    }
}

impl OpenHost {
    /// The most likely of the guesses.
    fn take_guess(&mut self, element: &BytesStart<'_>) {
        let accuracy = attribute(element, "accuracy").and_then(|a| a.parse().ok());
        let (Some(accuracy), Some(name)) = (accuracy, attribute(element, "name")) else {
            return;
        };
        if self
            .guess
            .as_ref()
            .is_none_or(|(known, _)| accuracy > *known)
        {
            self.guess = Some((accuracy, text::excerpt(&name)));
        }
    }
}

fn open_port(element: &BytesStart<'_>, line: u64) -> Option<OpenPort> {
    let transport = match attribute(element, "protocol")?.as_str() {
        "tcp" => Transport::Tcp,
        "udp" => Transport::Udp,
        "sctp" => Transport::Sctp,
        _ => return None,
    };
    Some(OpenPort {
        transport,
        number: attribute(element, "portid")?.parse().ok()?,
        is_open: false,
        line,
        protocol: String::new(),
        product: None,
        was_probed: false,
        answers: Vec::new(),
    })
}

impl OpenPort {
    fn take_service(&mut self, element: &BytesStart<'_>) {
        self.protocol = attribute(element, "name").unwrap_or_default();
        self.was_probed = attribute(element, "method").is_some_and(|m| m == "probed");
        self.product = attribute(element, "product").map(|name| ServiceProduct {
            name,
            version: attribute(element, "version"),
            cpe: None,
        });
        let banner = attribute(element, "banner").map(|b| ("banner".to_owned(), b));
        self.answers.extend(banner);
    }

    /// Of several names the first that is a program's; the others are the system's and the hardware's.
    fn take_cpe(&mut self, cpe: Cpe) {
        if let Some(product) = &mut self.product
            && product.cpe.is_none()
            && cpe.part == 'a'
        {
            product.cpe = Some(cpe);
        }
    }

    fn banners(&self) -> Vec<Banner> {
        let most = usize::try_from(OUTPUT_BYTES.max).unwrap_or(usize::MAX);
        let banners = |(asked, answer): &(String, String)| {
            let answer = &answer[..answer.floor_char_boundary(most)];
            match asked.as_str() {
                "banner" => banners_of(self.transport, self.number, &self.protocol, answer),
                "http-server-header" => self.named_banners("http_header.server", answer),
                "http-title" => self.named_banners("html_title", answer),
                _ => Vec::new(),
            }
        };
        self.answers.iter().flat_map(banners).collect()
    }

    /// One for each line that is no remark of the script.
    fn named_banners(&self, matches: &str, answer: &str) -> Vec<Banner> {
        let lines = answer.lines().map(str::trim);
        let banner = |line: &str| Banner {
            transport: self.transport,
            port: self.number,
            matches: matches.to_owned(),
            text: line.as_bytes().to_vec(),
        };
        lines.filter(|l| !l.is_empty()).map(banner).collect()
    }
}
