//! Debian and Ubuntu package versions (Debian Policy 5.6.12, `deb-version(7)`).

use std::cmp::Ordering;

use crate::{InvalidVersion, Scheme};

/// `[epoch:]upstream[-revision]`, compared in alternating runs of non-digits and digits, `~` before everything.
pub struct Deb;

impl Scheme for Deb {
    fn id(&self) -> &'static str {
        "deb"
    }

    fn about(&self) -> &'static str {
        "Debian and Ubuntu packages (Debian Policy 5.6.12)"
    }

    fn ecosystems(&self) -> &'static [&'static str] {
        &["Debian", "Ubuntu"]
    }

    fn compare(&self, a: &str, b: &str) -> Result<Ordering, InvalidVersion> {
        let (a, b) = (split(a)?, split(b)?);
        Ok(a.epoch
            .cmp(&b.epoch)
            .then_with(|| compare_part(a.upstream, b.upstream))
            .then_with(|| compare_part(a.revision, b.revision)))
    }

    fn sort_key(&self, _version: &str) -> Option<Vec<u8>> {
        None
    }
}

struct Parts<'a> {
    epoch: u64,
    upstream: &'a str,
    revision: &'a str,
}

fn split(version: &str) -> Result<Parts<'_>, InvalidVersion> {
    let trimmed = version.trim();
    let invalid = |why| InvalidVersion {
        scheme: "deb",
        version: version.chars().take(100).collect(),
        why,
    };
    let (epoch, rest) = match trimmed.split_once(':') {
        Some((e, rest)) => (e.parse().map_err(|_| invalid("the epoch is not a number"))?, rest),
        None => (0, trimmed),
    };
    if rest.is_empty() {
        return Err(invalid("it is empty"));
    }
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    Ok(Parts { epoch, upstream, revision })
}

fn compare_part(mut a: &str, mut b: &str) -> Ordering {
    loop {
        let (wa, wb) = (text_run(a), text_run(b));
        let order = compare_text(&a.as_bytes()[..wa], &b.as_bytes()[..wb]);
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (&a[wa..], &b[wb..]);
        let (na, nb) = (digit_run(a), digit_run(b));
        let (da, db) = (a[..na].trim_start_matches('0'), b[..nb].trim_start_matches('0'));
        let order = da.len().cmp(&db.len()).then_with(|| da.cmp(db));
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (&a[na..], &b[nb..]);
        if a.is_empty() && b.is_empty() {
            return Ordering::Equal;
        }
    }
}

fn text_run(s: &str) -> usize {
    s.bytes().take_while(|b| !b.is_ascii_digit()).count()
}

fn digit_run(s: &str) -> usize {
    s.bytes().take_while(u8::is_ascii_digit).count()
}

fn compare_text(a: &[u8], b: &[u8]) -> Ordering {
    let weight = |c: Option<&u8>| match c {
        Some(b'~') => -1,
        None => 0,
        Some(c) if c.is_ascii_alphabetic() => i32::from(*c),
        Some(c) => i32::from(*c) + 256,
    };
    (0..a.len().max(b.len()))
        .map(|i| weight(a.get(i)).cmp(&weight(b.get(i))))
        .find(|o| *o != Ordering::Equal)
        .unwrap_or(Ordering::Equal)
}
