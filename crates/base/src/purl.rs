//! Package URLs (ECMA-427, <https://github.com/package-url/purl-spec>): the canonical form of a package's name across
//! ecosystems.
//!
//! Parsed from right to left as the specification's "How to parse" says, with three choices of ours where it is silent or
//! at odds with its own test suite: an `@` that starts a path segment with a `/` after it is a scope
//! (`pkg:npm/@babel/core`), not a version; a `%` that starts no triplet stands for itself; `/` in a qualifier's value is
//! encoded, as clause 5.4 and the newer suite want, though the older one left it.

mod percent;
mod types;

use std::fmt;
use std::str::FromStr;

/// A package URL in canonical form. Two purls name the same package when their texts are equal.
#[derive(Clone, Debug)]
pub struct Purl {
    ty: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    /// Sorted by key; keys are unique and values not empty.
    qualifiers: Vec<(String, String)>,
    subpath: Option<String>,
    text: String,
    /// Namespace and name as they were written, where the type's rules changed them.
    written: Option<Box<(Option<String>, String)>>,
}

/// The text is not a package URL; the message says which part is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PurlError(String);

impl PurlError {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl Purl {
    /// A package URL from decoded parts: characters that need it are encoded, the type's rules (case, underscores) applied.
    ///
    /// A namespace of several segments is separated by `/`. An empty namespace or version is none. A type that requires a
    /// qualifier gets it by [`with_qualifier`](Self::with_qualifier).
    pub fn new(
        ty: &str,
        namespace: Option<&str>,
        name: &str,
        version: Option<&str>,
    ) -> Result<Self, PurlError> {
        let segments = namespace
            .into_iter()
            .flat_map(|text| text.split('/'))
            .filter(|segment| !segment.is_empty());
        let namespace = segments.collect::<Vec<_>>().join("/");
        let version = version.filter(|version| !version.is_empty());
        let parts = Self {
            ty: ty.to_owned(),
            namespace: Some(namespace).filter(|namespace| !namespace.is_empty()),
            name: name.trim_matches('/').to_owned(),
            version: version.map(str::to_owned),
            qualifiers: Vec::new(),
            subpath: None,
            text: String::new(),
            written: None,
        };
        parts.canonical()
    }

    /// The same package with one more qualifier, or another value for it; an empty value removes it.
    pub fn with_qualifier(mut self, key: &str, value: &str) -> Result<Self, PurlError> {
        let key = qualifier_key(key)?;
        self.qualifiers.retain(|(other, _)| *other != key);
        if !value.is_empty() {
            self.qualifiers.push((key, value.to_owned()));
        }
        self.qualifiers.sort();
        self.canonical()
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The package type, lower case: `deb`, `npm`, `maven`.
    pub fn ty(&self) -> &str {
        &self.ty
    }

    /// The namespace, decoded, if there is one: `debian`, `@angular`, `org.apache.logging.log4j`.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// The name, decoded.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The namespace before the type's rules: the specification lowers Go's, whose registry tells cases apart.
    pub fn written_namespace(&self) -> Option<&str> {
        self.written
            .as_ref()
            .map_or(self.namespace(), |written| written.0.as_deref())
    }

    /// The name before the type's rules: the specification lowers `JSONStream` of npm, which is not `jsonstream`.
    pub fn written_name(&self) -> &str {
        self.written
            .as_ref()
            .map_or(self.name(), |written| &written.1)
    }

    /// The version, decoded.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// One qualifier, decoded: `arch`, `distro`, `epoch`, `upstream`.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        let found = self.qualifiers.iter().find(|(other, _)| other == key);
        found.map(|(_, value)| value.as_str())
    }

    /// The path inside the package.
    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    /// Applies the rules of the type, checks, and writes the text.
    fn canonical(mut self) -> Result<Self, PurlError> {
        self.ty = package_type(&self.ty)?;
        if self.name.is_empty() {
            return Err(PurlError::new("the name is missing"));
        }
        types::normalize(&mut self);
        types::check(&self)?;
        self.text = self.write();
        Ok(self)
    }

    fn write(&self) -> String {
        let mut text = String::with_capacity(64);
        text.push_str("pkg:");
        text.push_str(&self.ty);
        text.push('/');
        for segment in self
            .namespace
            .iter()
            .flat_map(|namespace| namespace.split('/'))
        {
            percent::encode(segment, &mut text);
            text.push('/');
        }
        percent::encode(&self.name, &mut text);
        if let Some(version) = &self.version {
            text.push('@');
            percent::encode(version, &mut text);
        }
        for (index, (key, value)) in self.qualifiers.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(key);
            text.push('=');
            percent::encode(value, &mut text);
        }
        for (index, segment) in self
            .subpath
            .iter()
            .flat_map(|subpath| subpath.split('/'))
            .enumerate()
        {
            text.push(if index == 0 { '#' } else { '/' });
            percent::encode(segment, &mut text);
        }
        text
    }
}

impl FromStr for Purl {
    type Err = PurlError;

    fn from_str(text: &str) -> Result<Self, PurlError> {
        let (rest, subpath) = rsplit(text, '#');
        let (rest, qualifiers) = rsplit(rest, '?');
        let Some((scheme, rest)) = rest.split_once(':') else {
            return Err(PurlError::new("the scheme is missing: pkg:"));
        };
        if !scheme.eq_ignore_ascii_case("pkg") {
            return Err(PurlError::new("the scheme is not pkg"));
        }
        let Some((ty, rest)) = rest.trim_start_matches('/').split_once('/') else {
            return Err(PurlError::new("the type or the name is missing"));
        };
        let (path, version) = split_version(rest);
        // A slash before the version leaves an empty name; without a version it is only a trailing slash.
        let path = if version.is_some() {
            path
        } else {
            path.trim_end_matches('/')
        };
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parts = Self {
            ty: ty.to_owned(),
            namespace: segments(namespace, |_| true)?,
            name: percent::decode(name)?,
            version: version
                .map(percent::decode)
                .transpose()?
                .filter(|version| !version.is_empty()),
            qualifiers: read_qualifiers(qualifiers.unwrap_or_default())?,
            subpath: segments(subpath.unwrap_or_default(), |segment| {
                segment != "." && segment != ".."
            })?,
            text: String::new(),
            written: None,
        };
        types::check_required(&parts)?;
        parts.canonical()
    }
}

fn rsplit(text: &str, separator: char) -> (&str, Option<&str>) {
    text.rsplit_once(separator)
        .map_or((text, None), |(left, right)| (left, Some(right)))
}

fn split_version(rest: &str) -> (&str, Option<&str>) {
    match rest.rsplit_once('@') {
        Some((left, right)) if right.contains('/') && (left.is_empty() || left.ends_with('/')) => {
            (rest, None)
        }
        Some((left, right)) => (left, Some(right)),
        None => (rest, None),
    }
}

/// Decoded segments joined by `/`, without the empty ones and those not kept; `None` if there is none.
fn segments(text: &str, kept: impl Fn(&str) -> bool) -> Result<Option<String>, PurlError> {
    let mut joined = String::new();
    for segment in text.split('/') {
        let segment = percent::decode(segment)?;
        if segment.is_empty() || !kept(&segment) {
            continue;
        }
        if segment.contains('/') {
            return Err(PurlError::new(
                "a segment of the namespace or subpath holds an encoded slash",
            ));
        }
        if !joined.is_empty() {
            joined.push('/');
        }
        joined.push_str(&segment);
    }
    Ok(Some(joined).filter(|joined| !joined.is_empty()))
}

fn read_qualifiers(text: &str) -> Result<Vec<(String, String)>, PurlError> {
    let mut qualifiers = Vec::new();
    for pair in text.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !value.is_empty() {
            qualifiers.push((qualifier_key(key)?, percent::decode(value)?));
        }
    }
    qualifiers.sort();
    match qualifiers.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(PurlError::new(format!(
            "a qualifier is given twice: {}",
            pair[0].0
        ))),
        None => Ok(qualifiers),
    }
}

/// A qualifier's key in lower case.
fn qualifier_key(key: &str) -> Result<String, PurlError> {
    if is_word(key, "._-") {
        Ok(key.to_ascii_lowercase())
    } else {
        Err(PurlError::new("a qualifier's key is not a word"))
    }
}

/// A type in lower case.
fn package_type(ty: &str) -> Result<String, PurlError> {
    if is_word(ty, ".-") {
        Ok(ty.to_ascii_lowercase())
    } else {
        Err(PurlError::new("the type is not a word"))
    }
}

/// An ASCII letter, then letters, digits and the punctuation given.
fn is_word(text: &str, punctuation: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || punctuation.contains(c))
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Purl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Purl {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(input: &str, expected: Option<&str>) {
        let got = input.parse::<Purl>();
        assert_eq!(
            got.as_ref().ok().map(Purl::as_str),
            expected,
            "{input} {got:?}"
        );
        if let Ok(purl) = got {
            assert_eq!(
                purl.as_str().parse::<Purl>().as_ref(),
                Ok(&purl),
                "not canonical: {input}"
            );
        }
    }

    fn optional(text: &str) -> Option<&str> {
        Some(text).filter(|text| !text.is_empty())
    }

    fn check_parts(cells: &[&str]) {
        let purl: Purl = cells[0]
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", cells[0]));
        let qualifiers: Vec<String> = purl
            .qualifiers
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let got = [
            purl.ty(),
            purl.namespace().unwrap_or_default(),
            purl.name(),
            purl.version().unwrap_or_default(),
            &qualifiers.join("&"),
            purl.subpath().unwrap_or_default(),
        ];
        assert_eq!(got, cells[1..], "{}", cells[0]);
    }

    fn check_build(cells: &[&str]) {
        let built = Purl::new(cells[0], optional(cells[1]), cells[2], optional(cells[3]));
        let qualifiers = cells[4].split('&').filter(|pair| !pair.is_empty());
        let built = qualifiers.fold(built, |purl, pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            purl?.with_qualifier(key, value)
        });
        assert_eq!(
            built.as_ref().ok().map(Purl::as_str),
            optional(cells[5]),
            "{cells:?} {built:?}"
        );
    }

    /// Oracle: the purl-spec test suite; see testdata/purl-spec/README.md.
    #[test]
    fn the_specifications_test_suite_passes() {
        for line in include_str!("../testdata/purl-spec/cases.tsv").lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            match cells[0] {
                "roundtrip" => check(cells[1], Some(cells[2])),
                "fail" => check(cells[1], None),
                "parse" => check_parts(&cells[1..]),
                "build" => check_build(&cells[1..]),
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn the_older_test_suite_passes_but_for_what_the_definitions_changed() {
        for line in include_str!("../testdata/purl-spec/old.tsv").lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            check(
                cells[0],
                optional(cells.get(2).or(cells.get(1)).unwrap_or(&"")),
            );
        }
    }

    #[test]
    fn the_grammar_is_read_as_the_specification_says() {
        check("PKG:npm/foo", Some("pkg:npm/foo"));
        check("pkg:npm/foo@", Some("pkg:npm/foo"));
        check("pkg:npm/foo/", Some("pkg:npm/foo"));
        check("pkg:npm/foo?#", Some("pkg:npm/foo"));
        check("pkg:npm/foo?a=&B=c&d", Some("pkg:npm/foo?b=c"));
        check("pkg:npm/foo?a=1&A=2", None);
        check("pkg:npm/foo?1a=1", None);
        check("pkg:npm/foo?=1", None);
        check("pkg:npm/foo#./a/../b//%2e", Some("pkg:npm/foo#a/b"));
        check("pkg:npm/foo#a%2Fb", None);
        check("pkg:generic//a//b//c", Some("pkg:generic/a/b/c"));
        check("pkg:generic/a%2Fb/c", None);
        check("pkg:generic/a/b%2Fc@1/2", Some("pkg:generic/a/b%2Fc@1%2F2"));
        check(
            "pkg:generic/a!b'c(d)*e,f;g$h&i+j=k~l",
            Some("pkg:generic/a%21b%27c%28d%29%2Ae%2Cf%3Bg%24h%26i%2Bj%3Dk~l"),
        );
        check(
            "pkg:generic/caf\u{e9} x@1:2",
            Some("pkg:generic/caf%C3%A9%20x@1:2"),
        );
        check("pkg:generic/caf%c3%a9", Some("pkg:generic/caf%C3%A9"));
        check("pkg:generic/%ff", None);
        check("pkg:generic/100%", Some("pkg:generic/100%25"));
        check("pkg:generic/a%4%41", Some("pkg:generic/a%254A"));
        check("pkg:.x/a", None);
        check("pkg:a+b/c", None);
        check(
            "pkg:deb/Debian/Curl@7.1-1%2Bdeb1~x?arch=AMD64",
            Some("pkg:deb/debian/curl@7.1-1%2Bdeb1~x?arch=AMD64"),
        );
        check("pkg:pypi/a/b", None);
        for forge in [
            "bitbucket",
            "codeberg",
            "gitea",
            "gitee",
            "github",
            "gitlab",
        ] {
            let canonical = format!("pkg:{forge}/a/b");
            check(&format!("pkg:{forge}/A/B"), Some(&canonical));
        }
        check("npm/foo", None);
        check(":", None);
        check("", None);
    }

    #[test]
    fn a_builder_encodes_what_needs_it_and_keeps_what_was_written() {
        check_build(&[
            "npm",
            "@Angular",
            "Core",
            "1.0",
            "",
            "pkg:npm/%40angular/core@1.0",
        ]);
        check_build(&[
            "deb",
            "debian",
            "libstdc++6",
            "1:12.2-14+b1",
            "arch=amd64",
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2-14%2Bb1?arch=amd64",
        ]);
        check_build(&[
            "golang",
            "/github.com//a/",
            "b",
            "",
            "",
            "pkg:golang/github.com/a/b",
        ]);
        check_build(&["generic", "", "a", "", "x=", "pkg:generic/a"]);
        check_build(&["no type", "", "a", "", "", ""]);
        let purl: Purl = "pkg:npm/JSONStream@1.3.5".parse().expect("test data");
        assert_eq!(
            (purl.name(), purl.written_name()),
            ("jsonstream", "JSONStream")
        );
        let purl: Purl = "pkg:golang/github.com/Masterminds/semver"
            .parse()
            .expect("test data");
        assert_eq!(
            (purl.written_namespace(), purl.written_name()),
            (Some("github.com/Masterminds"), "semver")
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_an_error_or_a_text_that_is_its_own_canonical_form(
            text in "(pkg:(deb|npm|pypi|golang|huggingface|pub|generic)/)?([A-Za-z%@/?#&=:._+~ -]|%[0-9a-fA-F]{2}|\\PC){0,40}"
        ) {
            if let Ok(purl) = text.parse::<Purl>() {
                let again: Result<Purl, PurlError> = purl.as_str().parse();
                prop_assert_eq!(again.as_ref().map(Purl::as_str), Ok(purl.as_str()));
                prop_assert!(purl.as_str().is_ascii());
            }
        }

        #[test]
        fn what_is_built_is_read_back(namespace in "[^/]{0,8}", name in "[^/]{1,8}", version in "\\PC{0,8}", value in "\\PC{0,8}") {
            let built = Purl::new("generic", Some(&namespace), &name, Some(&version)).and_then(|purl| purl.with_qualifier("k", &value));
            let built = built.expect("a generic package may have any name");
            let read: Purl = built.as_str().parse().expect("what is built is canonical");
            prop_assert_eq!(read.name(), name);
            prop_assert_eq!(read.namespace(), optional(&namespace));
            prop_assert_eq!(read.version(), optional(&version));
            prop_assert_eq!(read.qualifier("k"), optional(&value));
        }
    }
}
