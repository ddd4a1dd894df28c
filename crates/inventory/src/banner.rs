//! Banners as scanners report them, and which fingerprints they are for. Fingerprints speak of a banner without the words of its
//! protocol: `OpenSSH_9.2p1` of `SSH-2.0-OpenSSH_9.2p1`, `ProFTPD ready` of `220 ProFTPD ready`.

use crate::{Service, Transport};

/// What a service said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// The transport of the service.
    pub transport: Transport,
    /// Its port.
    pub port: u16,
    /// The kind of banner, as fingerprints name it: `ssh.banner`.
    pub matches: String,
    /// The banner, without its protocol's own words.
    pub text: Vec<u8>,
}

impl Banner {
    pub(crate) fn is_of(&self, service: &Service) -> bool {
        self.transport == service.transport && self.port == service.port
    }
}

/// What an answer may be asked for: by the protocol where a scanner named it, else by its words and the port.
pub fn banners_of(transport: Transport, port: u16, protocol: &str, text: &str) -> Vec<Banner> {
    let text = text.trim_end_matches(['\r', '\n']);
    let banner = |matches: &str, text: &str| Banner {
        transport,
        port,
        matches: matches.to_owned(),
        text: text.as_bytes().to_vec(),
    };
    if let Some(software) = text
        .strip_prefix("SSH-")
        .and_then(|rest| rest.split_once('-'))
    {
        return vec![banner("ssh.banner", software.1)];
    }
    let header = |name: &str| {
        let mut lines = text.lines().filter_map(|l| l.split_once(':'));
        lines.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
    };
    if text.starts_with("HTTP/") {
        let headers = [
            ("Server", "http_header.server"),
            ("X-Powered-By", "http_header.x-powered-by"),
            ("WWW-Authenticate", "http_header.wwwauth"),
        ];
        let found = headers.iter().filter_map(|(name, matches)| {
            let (_, value) = header(name)?;
            Some(banner(matches, value.trim()))
        });
        return found.collect();
    }
    let protocol = match protocol {
        "" | "tcp" | "udp" | "unknown" => by_port(port),
        named => named,
    };
    let kind = match protocol {
        "ssh" => "ssh.banner",
        "ftp" | "ftps" => "ftp.banner",
        "smtp" | "smtps" | "submission" => "smtp.banner",
        "pop3" | "pop3s" => "pop3.banner",
        "imap" | "imaps" | "imap4" => "imap4.banner",
        "nntp" | "nntps" => "nntp.banner",
        "mysql" => "mysql.banners",
        "telnet" => "telnet_banners",
        "http" | "https" | "http-alt" | "https-alt" | "http-proxy" | "ssl/http" => {
            "http_header.server"
        }
        "domain" | "dns" => "dns.versionbind",
        "rtsp" => "rtsp_header.server",
        "sip" => "sip_header.server",
        "x11" => "x11.vendor",
        _ => return Vec::new(),
    };
    vec![banner(kind, greeting(kind, text))]
}

/// The greeting without its code: `220 `, `220-`, `+OK `, `* OK `, `200 `.
fn greeting<'a>(kind: &str, text: &'a str) -> &'a str {
    let rest = match kind {
        "ftp.banner" | "smtp.banner" | "nntp.banner" => text
            .get(..3)
            .filter(|code| code.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|_| text[3..].strip_prefix([' ', '-'])),
        "pop3.banner" => text.strip_prefix("+OK "),
        "imap4.banner" => text.strip_prefix("* OK "),
        "http_header.server" => text.strip_prefix("Server: "),
        _ => None,
    };
    rest.unwrap_or(text)
}

const fn by_port(port: u16) -> &'static str {
    match port {
        21 => "ftp",
        22 => "ssh",
        23 => "telnet",
        25 | 465 | 587 => "smtp",
        53 => "dns",
        80 | 443 | 8000 | 8080 | 8443 => "http",
        110 | 995 => "pop3",
        119 | 563 => "nntp",
        143 | 993 => "imap",
        554 => "rtsp",
        3306 => "mysql",
        5060 => "sip",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banner_loses_the_words_of_its_protocol() {
        let check = |port: u16, protocol: &str, text: &str, expected: &[(&str, &str)]| {
            let found = banners_of(Transport::Tcp, port, protocol, text);
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|b| {
                    (
                        b.matches.as_str(),
                        std::str::from_utf8(&b.text).unwrap_or("?"),
                    )
                })
                .collect();
            assert_eq!(found, expected, "{text}");
        };
        check(
            2222,
            "tcp",
            "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
            &[("ssh.banner", "OpenSSH_9.2p1 Debian-2")],
        );
        check(
            21,
            "tcp",
            "220 ProFTPD 1.3.5 Server",
            &[("ftp.banner", "ProFTPD 1.3.5 Server")],
        );
        check(
            110,
            "pop3",
            "+OK Dovecot ready.",
            &[("pop3.banner", "Dovecot ready.")],
        );
        check(
            9000,
            "http",
            "Apache/2.4.57 (Debian)",
            &[("http_header.server", "Apache/2.4.57 (Debian)")],
        );
        check(
            8081,
            "tcp",
            "HTTP/1.1 200 OK\r\nServer: nginx/1.25.3\r\nX-Powered-By: PHP/8.2\r\n",
            &[
                ("http_header.server", "nginx/1.25.3"),
                ("http_header.x-powered-by", "PHP/8.2"),
            ],
        );
        check(4242, "tcp", "hello", &[]);
        check(21, "tcp", "22\u{e9}", &[("ftp.banner", "22\u{e9}")]);
    }
}
