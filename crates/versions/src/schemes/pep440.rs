//! Python versions (PEP 440, now <https://packaging.python.org/en/latest/specifications/version-specifiers/>), as the
//! `packaging` library reads and orders them. What the specification does not allow is an error.

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme, digits};

/// `[epoch!]release[pre][.postN][.devN][+local]`, in all the spellings that the specification normalises.
pub(super) struct Pep440;

const ID: &str = "pep440";

impl Scheme for Pep440 {
    fn id(&self) -> &'static str {
        ID
    }

    fn about(&self) -> &'static str {
        "Python packages (PEP 440, packaging)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["PyPI"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (Version::parse(a)?, Version::parse(b)?);
        Ok(digits::compare(a.epoch, b.epoch)
            .then_with(|| compare_releases(a.release, b.release))
            .then_with(|| a.stages().cmp(&b.stages()))
            .then_with(|| a.local_parts().cmp(b.local_parts())))
    }

    fn sort_key(&self, version: &str) -> Option<Vec<u8>> {
        let parsed = Version::parse(version).ok()?;
        let mut key = Vec::with_capacity(version.len() + 16);
        digits::push_key(&mut key, parsed.epoch);
        for part in digits::trim_zero_parts(parsed.release).split(|&b| b == b'.') {
            key.push(1);
            digits::push_key(&mut key, part);
        }
        key.push(0);
        for stage in parsed.stages() {
            stage.push_key(&mut key);
        }
        for part in parsed.local_parts() {
            part.push_key(&mut key);
        }
        key.push(0);
        Some(key)
    }
}

/// A number without its leading zeros; longer is larger.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Number<'a> {
    len: usize,
    digits: &'a [u8],
}

impl<'a> Number<'a> {
    fn new(text: &'a [u8]) -> Self {
        let digits = digits::significant(text);
        Self {
            len: digits.len(),
            digits,
        }
    }
}

/// A pre-release, post-release or development mark, or what its absence counts as.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage<'a> {
    Lowest,
    Alpha(Number<'a>),
    Beta(Number<'a>),
    Candidate(Number<'a>),
    /// A post-release or a development release.
    Numbered(Number<'a>),
    Highest,
}

impl Stage<'_> {
    fn push_key(self, key: &mut Vec<u8>) {
        let (rank, number) = match self {
            Self::Lowest => (0, None),
            Self::Alpha(number) => (1, Some(number)),
            Self::Beta(number) => (2, Some(number)),
            Self::Candidate(number) => (3, Some(number)),
            Self::Numbered(number) => (4, Some(number)),
            Self::Highest => (5, None),
        };
        key.push(rank);
        if let Some(number) = number {
            digits::push_key(key, number.digits);
        }
    }
}

/// One part of a local version: words below numbers.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum LocalPart<'a> {
    Word(Folded<'a>),
    Number(Number<'a>),
}

impl LocalPart<'_> {
    fn push_key(&self, key: &mut Vec<u8>) {
        match self {
            Self::Word(word) => {
                key.push(1);
                key.extend(word.bytes());
                key.push(0);
            }
            Self::Number(number) => {
                key.push(2);
                digits::push_key(key, number.digits);
            }
        }
    }
}

/// A text ordered by its lower-case form.
struct Folded<'a>(&'a [u8]);

impl Folded<'_> {
    fn bytes(&self) -> impl Iterator<Item = u8> {
        self.0.iter().map(u8::to_ascii_lowercase)
    }
}

impl PartialEq for Folded<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Folded<'_> {}

impl PartialOrd for Folded<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Folded<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(other.bytes())
    }
}

struct Version<'a> {
    epoch: &'a [u8],
    release: &'a [u8],
    pre: Option<Stage<'a>>,
    post: Option<Number<'a>>,
    dev: Option<Number<'a>>,
    local: Option<&'a [u8]>,
}

impl<'a> Version<'a> {
    fn parse(version: &'a str) -> Result<Self, InvalidVersion> {
        let mut reader = Reader {
            rest: version.trim().as_bytes(),
        };
        let invalid = |why| InvalidVersion::new(ID, version, why);
        reader.take_letter(b'v');
        let (epoch, release) = reader.epoch_and_release();
        if release.is_empty() {
            return Err(invalid("there is no release number"));
        }
        let (pre, post, dev) = (reader.pre(), reader.post(), reader.dev());
        let local = reader.local();
        if !reader.rest.is_empty() {
            return Err(invalid("PEP 440 does not allow what follows the version"));
        }
        Ok(Self {
            epoch,
            release,
            pre,
            post,
            dev,
            local,
        })
    }

    /// Pre, post and dev in the order that decides. A development release of nothing else is below every pre-release.
    fn stages(&self) -> [Stage<'a>; 3] {
        let pre = match self.pre {
            Some(pre) => pre,
            None if self.post.is_none() && self.dev.is_some() => Stage::Lowest,
            None => Stage::Highest,
        };
        [
            pre,
            self.post.map_or(Stage::Lowest, Stage::Numbered),
            self.dev.map_or(Stage::Highest, Stage::Numbered),
        ]
    }

    fn local_parts(&self) -> impl Iterator<Item = LocalPart<'a>> {
        self.local
            .into_iter()
            .flat_map(|local| local.split(|b| !b.is_ascii_alphanumeric()))
            .map(|part| {
                if digits::run(part) == part.len() {
                    LocalPart::Number(Number::new(part))
                } else {
                    LocalPart::Word(Folded(part))
                }
            })
    }
}

fn compare_releases(a: &[u8], b: &[u8]) -> Ordering {
    let (mut left, mut right) = (a.split(|&c| c == b'.'), b.split(|&c| c == b'.'));
    loop {
        let (a, b) = (left.next(), right.next());
        if a.is_none() && b.is_none() {
            return Ordering::Equal;
        }
        let order = digits::compare(a.unwrap_or_default(), b.unwrap_or_default());
        if order.is_ne() {
            return order;
        }
    }
}

/// Takes the parts of the grammar off the front, each only if it is there.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take_letter(&mut self, letter: u8) {
        if let [first, rest @ ..] = self.rest
            && first.eq_ignore_ascii_case(&letter)
        {
            self.rest = rest;
        }
    }

    fn number(&mut self) -> Option<Number<'a>> {
        let (number, rest) = self.rest.split_at(digits::run(self.rest));
        self.rest = rest;
        (!number.is_empty()).then(|| Number::new(number))
    }

    fn separator(&mut self) {
        if let [b'-' | b'_' | b'.', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn epoch_and_release(&mut self) -> (&'a [u8], &'a [u8]) {
        let first = digits::run(self.rest);
        if first > 0 && self.rest.get(first) == Some(&b'!') {
            let epoch = &self.rest[..first];
            self.rest = &self.rest[first + 1..];
            return (epoch, self.release());
        }
        (&[], self.release())
    }

    fn release(&mut self) -> &'a [u8] {
        let text = self.rest;
        let mut end = digits::run(text);
        while end > 0 && text.get(end) == Some(&b'.') {
            match digits::run(&text[end + 1..]) {
                0 => break,
                digits => end += 1 + digits,
            }
        }
        self.rest = &text[end..];
        &text[..end]
    }

    /// `[-_.]? word [-_.]? number?`: gives the word that was found and its number, zero if none is written.
    fn mark(&mut self, words: &[&'static str]) -> Option<(&'static str, Number<'a>)> {
        let mut reader = Reader { rest: self.rest };
        reader.separator();
        let starts_with = |word: &str| {
            let start = reader.rest.get(..word.len());
            start.is_some_and(|s| s.eq_ignore_ascii_case(word.as_bytes()))
        };
        let word = *words.iter().find(|word| starts_with(word))?;
        reader.rest = &reader.rest[word.len()..];
        reader.separator();
        let number = reader.number().unwrap_or(Number::new(b""));
        self.rest = reader.rest;
        Some((word, number))
    }

    fn pre(&mut self) -> Option<Stage<'a>> {
        let (word, number) =
            self.mark(&["alpha", "a", "beta", "b", "preview", "pre", "c", "rc"])?;
        Some(match word {
            "alpha" | "a" => Stage::Alpha(number),
            "beta" | "b" => Stage::Beta(number),
            _ => Stage::Candidate(number),
        })
    }

    fn post(&mut self) -> Option<Number<'a>> {
        if let [b'-', b'0'..=b'9', ..] = self.rest {
            self.rest = &self.rest[1..];
            return self.number();
        }
        self.mark(&["post", "rev", "r"]).map(|(_, number)| number)
    }

    fn dev(&mut self) -> Option<Number<'a>> {
        self.mark(&["dev"]).map(|(_, number)| number)
    }

    /// `+` and parts of letters and digits; left unread if any part is empty.
    fn local(&mut self) -> Option<&'a [u8]> {
        let local = self.rest.strip_prefix(b"+")?;
        let is_separator = |b: &u8| matches!(b, b'-' | b'_' | b'.');
        let is_part = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_alphanumeric);
        local.split(is_separator).all(is_part).then(|| {
            self.rest = &[];
            local
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Ordering>) {
        assert_eq!(Pep440.compare(a, b).ok(), expected, "{a} {b}");
    }

    #[test]
    fn stages_stand_around_the_release() {
        let ascending = [
            "1.0.dev1",
            "1.0a1.dev1",
            "1.0a1",
            "1.0a1.post1",
            "1.0b1",
            "1.0rc1",
            "1.0",
            "1.0+abc",
            "1.0+abc.1",
            "1.0+1",
            "1.0.post1.dev1",
            "1.0.post1",
            "1.1.dev1",
            "1!0",
        ];
        for pair in ascending.windows(2) {
            check(pair[0], pair[1], Some(Ordering::Less));
        }
    }

    #[test]
    fn spellings_are_normalised() {
        for (a, b) in [
            ("1.0-1", "1.0.post1"),
            ("1.0.RC-1", "1.0rc1"),
            ("v1.0", "1"),
            ("1.0alpha", "1a0"),
            ("1.0c1", "1.0rc1"),
            ("1.0-preview_2", "1.0rc2"),
            ("1.0-r4", "1.0.post4"),
            ("1.0+A-1", "1.0+a.1"),
            ("1.0a-", "1.0a0"),
        ] {
            check(a, b, Some(Ordering::Equal));
        }
    }

    #[test]
    fn legacy_versions_are_errors() {
        for version in [
            "",
            "1.0-foo",
            "1.0+",
            "1.0+a..b",
            "dog",
            "1.0.0.x",
            "1!",
            "!1",
            "1.0 1",
            "0.1-bulbasaur",
            "1.0dev1a1",
        ] {
            check(version, version, None);
        }
    }
}
