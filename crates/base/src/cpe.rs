//! CPE 2.3 names (NISTIR 7695), as far as they tell which product is meant.

use std::fmt;
use std::str::FromStr;

/// A product by the vendor's and its own name, lower case, words joined by `_`: `fortinet`, `fortios`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cpe {
    /// What kind of thing: `a` application, `o` operating system, `h` hardware.
    pub part: char,
    /// The vendor.
    pub vendor: String,
    /// The product.
    pub product: String,
    /// The version, unless the name leaves it open (`*`) or has none (`-`).
    pub version: Option<String>,
    /// The update (`sp1`, `rc2`), unless it is left open or there is none.
    pub update: Option<String>,
}

/// The text is no CPE name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACpe;

impl fmt::Display for NotACpe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "not a CPE name (expected cpe:2.3:a:vendor:product:… or cpe:/a:vendor:product:…)",
        )
    }
}

impl std::error::Error for NotACpe {}

impl FromStr for Cpe {
    type Err = NotACpe;

    /// A formatted string (`cpe:2.3:a:…`) or a URI (`cpe:/a:…`, CPE 2.2).
    fn from_str(text: &str) -> Result<Self, NotACpe> {
        let text = text.trim();
        let (rest, is_uri) = match (text.strip_prefix("cpe:2.3:"), text.strip_prefix("cpe:/")) {
            (Some(rest), _) => (rest, false),
            (None, Some(rest)) => (rest, true),
            (None, None) => return Err(NotACpe),
        };
        let mut fields = fields(rest).map(|field| if is_uri { decoded(&field) } else { field });
        let part = fields
            .next()
            .filter(|p| p.len() == 1)
            .and_then(|p| p.chars().next());
        let part = part
            .filter(|p| matches!(p, 'a' | 'o' | 'h'))
            .ok_or(NotACpe)?;
        let mut named = || {
            fields
                .next()
                .map(|f| f.to_lowercase())
                .filter(|f| !f.is_empty() && f != "*")
        };
        let (vendor, product) = (named().ok_or(NotACpe)?, named().ok_or(NotACpe)?);
        let mut open = || {
            fields
                .next()
                .filter(|f| !f.is_empty() && f != "*" && f != "-")
        };
        Ok(Self {
            part,
            vendor,
            product,
            version: open(),
            update: open(),
        })
    }
}

/// The fields between colons; a backslash takes away the meaning of what follows it, and itself.
fn fields(text: &str) -> impl Iterator<Item = String> {
    let mut fields = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        match c {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            ':' if !escaped => fields.push(String::new()),
            _ => fields
                .iter_mut()
                .rev()
                .take(1)
                .for_each(|field| field.push(c)),
        }
        escaped = false;
    }
    fields.into_iter()
}

/// A URI escapes what is no letter or digit as `%xx`.
fn decoded(field: &str) -> String {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|h| std::str::from_utf8(h).ok());
        let byte = hex
            .and_then(|h| u8::from_str_radix(h, 16).ok())
            .filter(|_| *first == b'%');
        match byte {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Part, vendor, product, version, update.
    type Fields<'t> = (char, &'t str, &'t str, Option<&'t str>, Option<&'t str>);

    fn check(text: &str, expected: Option<Fields<'_>>) {
        let got = text.parse::<Cpe>().ok();
        let got = got.as_ref().map(|c| {
            (
                c.part,
                c.vendor.as_str(),
                c.product.as_str(),
                c.version.as_deref(),
                c.update.as_deref(),
            )
        });
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn both_bindings_of_the_standard_are_read() {
        let iis = Some((
            'a',
            "microsoft",
            "internet_information_server",
            Some("5.0"),
            None,
        ));
        check(
            "cpe:2.3:a:microsoft:internet_information_server:5.0:*:*:*:*:*:*:*",
            iis,
        );
        check("cpe:/a:microsoft:internet_information_server:5.0", iis);
        check(
            "cpe:2.3:o:cisco:ios_xe:17.3.1:sp1:*:*:*:*:*:*",
            Some(('o', "cisco", "ios_xe", Some("17.3.1"), Some("sp1"))),
        );
    }

    #[test]
    fn what_is_escaped_is_text() {
        check(
            "cpe:2.3:a:foo\\\\bar:big\\:money_2010:*:-:*",
            Some(('a', "foo\\bar", "big:money_2010", None, None)),
        );
        check(
            "cpe:/a:acme:c%2b%2b:1.0%7ebeta",
            Some(('a', "acme", "c++", Some("1.0~beta"), None)),
        );
    }

    #[test]
    fn a_name_without_a_product_names_nothing() {
        for text in [
            "",
            "cpe:2.3:a:acme",
            "cpe:2.3:x:acme:it",
            "cpe:/a:*:it:1",
            "pkg:npm/a@1",
            "cpe:2.3:a:é:",
        ] {
            check(text, None);
        }
    }
}
