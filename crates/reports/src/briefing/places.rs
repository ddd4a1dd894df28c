//! A set of hosts as places in a list of names, written as ranges: `0-13,17`.

use base::Limit;

/// The most places read of one earlier briefing.
pub(super) const PLACES: Limit = Limit::new("briefing-places", 20_000_000);

/// The places as ranges; they are sorted and each is there once.
pub(crate) fn ranges(places: &[u32]) -> String {
    let mut out = String::new();
    let mut rest = places;
    while let Some(&from) = rest.first() {
        let in_row = (from..).zip(rest).take_while(|(n, p)| n == *p).count();
        let to = rest[in_row - 1];
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(&from.to_string());
        if to > from {
            out.push_str(&format!("-{to}"));
        }
        rest = &rest[in_row..];
    }
    out
}

/// Why a text gives no places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// A word is no range, or a place is beyond the list.
    NoRange,
    /// There are more than there is room for.
    TooMany,
}

/// The places of ranges below `end`, sorted and each once; at most `room`.
pub(super) fn parse(text: &str, end: usize, room: u64) -> Result<Vec<u32>, Refused> {
    let mut places = Vec::new();
    for word in text.split(',').filter(|w| !w.is_empty()) {
        let (from, to) = word.split_once('-').unwrap_or((word, word));
        let (from, to) = from
            .parse()
            .and_then(|f| Ok((f, to.parse()?)))
            .map_err(|_| Refused::NoRange)?;
        let range: std::ops::RangeInclusive<u32> = from..=to;
        if range.is_empty() || to as usize >= end {
            return Err(Refused::NoRange);
        }
        if places.len() as u64 + u64::from(to - from) >= room {
            return Err(Refused::TooMany);
        }
        places.extend(range);
    }
    places.sort_unstable();
    places.dedup();
    Ok(places)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neighbours_are_a_range() {
        let check = |places: &[u32], text: &str| assert_eq!(ranges(places), text);
        check(&[], "");
        check(&[3], "3");
        check(&[0, 1, 2, 5, 7, 8], "0-2,5,7-8");
    }

    #[test]
    fn what_is_no_range_or_too_much_is_refused() {
        let check = |text: &str, expected: Result<&[u32], Refused>| {
            let places = parse(text, 9, 6);
            assert_eq!(places.as_deref().map_err(|e| *e), expected, "{text}");
        };
        check("", Ok(&[]));
        check("5,0-2,1", Ok(&[0, 1, 2, 5]));
        check("2-1", Err(Refused::NoRange));
        check("8-9", Err(Refused::NoRange));
        check("-1", Err(Refused::NoRange));
        check("0-4294967295", Err(Refused::NoRange));
        check("0-5", Ok(&[0, 1, 2, 3, 4, 5]));
        check("0-6", Err(Refused::TooMany));
    }

    proptest! {
        #[test]
        fn ranges_read_back_as_themselves(places in proptest::collection::btree_set(0u32..200, 0..60)) {
            let places: Vec<u32> = places.into_iter().collect();
            prop_assert_eq!(parse(&ranges(&places), 200, 200), Ok(places));
        }
    }
}
