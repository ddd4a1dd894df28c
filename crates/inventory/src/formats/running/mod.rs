//! What a machine printed about itself while it ran, captured as text: for machines of which only files arrive. Who listens
//! (`ss`, `netstat`, `lsof`), which kernel runs (`uname`), what needs a restart (`needrestart`).

mod lsof;
mod needrestart;
mod netstat;
mod ss;
mod uname;

pub use lsof::Lsof;
pub use needrestart::Needrestart;
pub use netstat::Netstat;
pub use ss::Ss;
pub use uname::Uname;

use base::{Limit, Note, Parsed};

use super::notes::Notes;
use super::{Input, Listing, text};
use crate::{Confidence, Location, Service, Transport};

/// The most services read from one capture; a host has 65,535 ports a transport.
const SERVICES: Limit = Limit::new("captured-services", 200_000);
/// The longest line that is looked at.
const LINE_BYTES: Limit = Limit::new("captured-line-bytes", 64 << 10);

/// Whether a file of this name is the captured output of a command: `ss.txt`, `ss-tulpn.out`, `uname_r.log`.
fn is_capture_of(command: &str, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, "txt" | "out" | "log")) = name.rsplit_once('.') else {
        return false;
    };
    stem.strip_prefix(command)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_', '.', ' ']))
}

/// What one line of a capture is.
enum Line {
    /// A port something listens on, with the program where the line names it.
    Listens(Found),
    /// Something else the command prints: headings, connections.
    Other,
    /// It should be a port and cannot be understood.
    Unclear,
}

/// A port, as a line tells it.
struct Found {
    transport: Transport,
    address: Option<String>,
    port: u16,
    program: Option<String>,
}

/// Every listening port of a capture, one line at a time.
fn parse_lines(input: &Input<'_>, mut read: impl FnMut(&str) -> Line) -> Parsed<Listing> {
    let (text, note) = text::decode(input.bytes);
    let mut notes = Notes::default();
    notes.extend(note);
    let mut services: Vec<Service> = Vec::new();
    for (number, line) in text::numbered_lines(&text) {
        if LINE_BYTES.is_exceeded_by(line.len() as u64) {
            let note = Note::warning("an overlong line was left out");
            notes.push(note.at_line(number).because_of(LINE_BYTES));
            continue;
        }
        match read(line) {
            Line::Listens(found) => services.push(service(found, input.path, number)),
            Line::Other => {}
            Line::Unclear => {
                notes.warn(
                    number,
                    format!("not understood: {}", text::excerpt(line.trim())),
                );
            }
        }
        if SERVICES.is_exceeded_by(services.len() as u64) {
            services.pop();
            notes.push(Note::warning("more ports were left out").because_of(SERVICES));
            break;
        }
    }
    Parsed {
        value: Listing {
            services,
            ..Listing::default()
        },
        notes: notes.into_vec(),
    }
}

/// The host named the program itself; without its package that is likely, not certain.
fn service(found: Found, path: &str, line: u64) -> Service {
    let confidence = match found.program {
        Some(_) => Confidence::Likely,
        None => Confidence::Possible,
    };
    Service {
        transport: found.transport,
        port: found.port,
        address: found.address,
        program: found.program,
        package: None,
        product: None,
        confidence,
        location: Location::line(path, line),
    }
}

/// `0.0.0.0:22`, `[::]:22`, `:::80`, `*:443`, `127.0.0.53%lo:53`; `*` is every address.
fn address_and_port(text: &str) -> Option<(Option<String>, u16)> {
    let (address, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|p| *p != 0)?;
    let address = address.trim_start_matches('[').trim_end_matches(']');
    let address = match address {
        "" => return None,
        "*" => None,
        address => Some(address.to_owned()),
    };
    Some((address, port))
}

/// The word for a transport, with the digit some tools add for IPv6.
fn transport(word: &str) -> Option<Transport> {
    match word
        .trim_end_matches(['4', '6'])
        .to_ascii_lowercase()
        .as_str()
    {
        "tcp" => Some(Transport::Tcp),
        "udp" => Some(Transport::Udp),
        "sctp" => Some(Transport::Sctp),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capture_is_named_for_its_command() {
        let check = |path: &str, is: bool| assert_eq!(is_capture_of("ss", path), is, "{path}");
        check("web-01/ss.txt", true);
        check("ss-tulpn.out", true);
        check("usr/bin/ss", false);
        check("ssh.txt", false);
        check("ss.c", false);
    }

    #[test]
    fn addresses_are_read_as_each_tool_writes_them() {
        let check = |text: &str, address: Option<&str>, port: u16| {
            let expected = Some((address.map(str::to_owned), port));
            assert_eq!(address_and_port(text), expected, "{text}");
        };
        check("0.0.0.0:22", Some("0.0.0.0"), 22);
        check("[::]:22", Some("::"), 22);
        check(":::80", Some("::"), 80);
        check("*:443", None, 443);
        check("127.0.0.53%lo:53", Some("127.0.0.53%lo"), 53);
        for bad in ["", "22", "*:*", "*:ssh", ":0", "*:0", "*:70000"] {
            assert_eq!(address_and_port(bad), None, "{bad}");
        }
    }
}
