//! Ecosystem names as OSV writes them (<https://ossf.github.io/osv-schema/#affectedpackage-field>): `Debian:12`, `npm`,
//! `Red Hat:enterprise_linux:8::appstream`.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

/// A source of packages with one order of versions, and, for distributions, the release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ecosystem {
    name: Box<str>,
    release: Option<Box<str>>,
}

impl Ecosystem {
    /// An ecosystem without a release: `npm`.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            release: None,
        }
    }

    /// A distribution and its release: `Debian`, `12`.
    pub fn with_release(name: &str, release: &str) -> Self {
        Self {
            name: name.into(),
            release: Some(release.into()),
        }
    }

    /// The part before the first colon: `Debian`, `Red Hat`, `npm`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The part after the first colon, as published: `12`, `v3.20`, `enterprise_linux:8::appstream`.
    pub fn release(&self) -> Option<&str> {
        self.release.as_deref()
    }
}

impl FromStr for Ecosystem {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once(':') {
            Some((name, release)) if !release.is_empty() => Self::with_release(name, release),
            Some((name, _)) => Self::new(name),
            None => Self::new(text),
        })
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.release {
            Some(release) => write!(f, "{}:{release}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_all_after_the_first_colon() {
        let check = |text: &str, name: &str, release: Option<&str>| {
            let e: Ecosystem = text.parse().unwrap();
            assert_eq!((e.name(), e.release()), (name, release));
            assert_eq!(e.to_string(), text);
        };
        check("npm", "npm", None);
        check("Debian:12", "Debian", Some("12"));
        check(
            "Red Hat:enterprise_linux:8::appstream",
            "Red Hat",
            Some("enterprise_linux:8::appstream"),
        );
    }
}
