//! Sets of hosts as text: `1-5,9`, numbers and ranges, rising.

use roaring::RoaringBitmap;

use super::cover::COVER_HOSTS;

/// The text of a set.
pub(crate) fn write(hosts: &RoaringBitmap) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for host in hosts {
        match ranges.last_mut() {
            Some((_, end)) if end.checked_add(1) == Some(host) => *end = host,
            _ => ranges.push((host, host)),
        }
    }
    let text = |&(start, end): &(u32, u32)| match start == end {
        true => start.to_string(),
        false => format!("{start}-{end}"),
    };
    ranges.iter().map(text).collect::<Vec<_>>().join(",")
}

/// The set of a text, or what is wrong with it. `count` is of the hosts that lists of one record have named so far.
pub(crate) fn read(text: &str, count: &mut u64) -> Result<RoaringBitmap, String> {
    let mut hosts = RoaringBitmap::new();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (start, end) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| text.parse::<u32>().ok();
        let (Some(start), Some(end)) = (number(start), number(end)) else {
            let shown: String = part.chars().take(40).collect();
            return Err(format!("not numbers of hosts: {}", shown.escape_debug()));
        };
        // Before anything is made of it: a range is a few bytes and may stand for billions.
        *count += u64::from(end.saturating_sub(start)) + 1;
        if COVER_HOSTS.is_exceeded_by(*count) {
            return Err(format!("more hosts than the limit {COVER_HOSTS}"));
        }
        if start > end {
            return Err(format!("a range that falls: {part}"));
        }
        hosts.insert_range(start..=end);
    }
    Ok(hosts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Result<&[u32], &str>) {
        let read = read(text, &mut 0).map(|hosts| hosts.iter().collect::<Vec<u32>>());
        let expected = expected.map(<[u32]>::to_vec).map_err(str::to_owned);
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn numbers_and_ranges_are_read_and_no_range_is_too_wide() {
        check("", Ok(&[]));
        check("1-3,9", Ok(&[1, 2, 3, 9]));
        check("x", Err("not numbers of hosts: x"));
        check("3-1", Err("a range that falls: 3-1"));
        check(
            "0-4294967295",
            Err("more hosts than the limit cover-hosts=50000000"),
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(hosts in proptest::collection::btree_set(0_u32..60, 0..40)) {
            let hosts: RoaringBitmap = hosts.into_iter().collect();
            prop_assert_eq!(read(&write(&hosts), &mut 0), Ok(hosts));
        }
    }
}
