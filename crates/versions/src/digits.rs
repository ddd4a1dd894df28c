//! Decimal numbers of any length: compared and encoded as the digits they are written with, since published versions hold
//! numbers that no machine integer does (dates with clock times, hashes that happen to be all digits).

use std::cmp::Ordering;

/// How many bytes at the start of `text` are ASCII digits.
pub(crate) fn run(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

/// The number without its leading zeros; zero is the empty slice.
pub(crate) fn significant(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|&&b| b == b'0').count();
    &digits[zeros..]
}

/// Compares two runs of ASCII digits as numbers; an empty run is zero.
pub(crate) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (significant(a), significant(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Appends bytes that order like the number does; the first byte is 0 for zero and at least 1 for anything else.
pub(crate) fn push_key(key: &mut Vec<u8>, digits: &[u8]) {
    let digits = significant(digits);
    match u8::try_from(digits.len()) {
        Ok(len) if len < u8::MAX => key.push(len),
        _ => {
            key.push(u8::MAX);
            key.extend_from_slice(&(digits.len() as u64).to_be_bytes());
        }
    }
    key.extend_from_slice(digits);
}

/// A dotted list without the parts at its end that are zero or empty: `1.10.0.00` is `1.10`, `0.0` is nothing.
pub(crate) fn trim_zero_parts(mut dotted: &[u8]) -> &[u8] {
    loop {
        let zeros = dotted.iter().rev().take_while(|&&b| b == b'0').count();
        let head = &dotted[..dotted.len() - zeros];
        match head.last() {
            Some(b'.') => dotted = &head[..head.len() - 1],
            None => return head,
            Some(_) => return dotted,
        }
    }
}

/// Compares two lists number by number; a list is above its own beginning, even if only by zeros.
pub(crate) fn compare_lists<'a>(
    mut a: impl Iterator<Item = &'a [u8]>,
    mut b: impl Iterator<Item = &'a [u8]>,
) -> Ordering {
    loop {
        let order = match (a.next(), b.next()) {
            (Some(a), Some(b)) => compare(a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Bytes that order like [`compare_lists`] does.
pub(crate) fn list_key<'a>(list: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut key = Vec::new();
    for number in list {
        key.push(1);
        push_key(&mut key, number);
    }
    key.push(0);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_order_by_value_whatever_their_length() {
        let long = "9".repeat(300);
        let longer = "1".repeat(301);
        let ascending = ["", "1", "007", "10", "18446744073709551616", &long, &longer];
        for pair in ascending.windows(2) {
            let key = |digits: &str| {
                let mut key = Vec::new();
                push_key(&mut key, digits.as_bytes());
                key
            };
            assert_eq!(
                compare(pair[0].as_bytes(), pair[1].as_bytes()),
                Ordering::Less,
                "{pair:?}"
            );
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        assert_eq!(compare(b"000", b""), Ordering::Equal);
    }

    #[test]
    fn only_whole_zero_parts_are_trimmed() {
        for (dotted, trimmed) in [
            ("1.10.0.00", "1.10"),
            ("0.0", ""),
            ("", ""),
            ("1..", "1"),
            ("10", "10"),
            ("0.0.1", "0.0.1"),
        ] {
            assert_eq!(
                trim_zero_parts(dotted.as_bytes()),
                trimmed.as_bytes(),
                "{dotted}"
            );
        }
    }
}
