//! What a host has, as small as can be: the numbers of its releases, sorted, each as the distance from the one before in seven
//! bits a byte (LEB128). Where every host has a set of its own, 700 packages are about one kilobyte instead of three.

use crate::release::ReleaseId;

/// Writes a sorted list.
pub(super) fn encode(releases: &[ReleaseId]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(releases.len() + releases.len() / 2);
    let mut last = 0;
    for release in releases {
        let mut distance = release.0 - last;
        last = release.0;
        while distance >= 0x80 {
            bytes.push(distance as u8 | 0x80);
            distance >>= 7;
        }
        bytes.push(distance as u8);
    }
    bytes
}

/// Reads one. A distance that does not end, or leads beyond what a number can be, ends the list: [`encode`] writes none.
pub(super) fn decode(bytes: &[u8]) -> Vec<ReleaseId> {
    let mut releases = Vec::new();
    let (mut last, mut distance, mut shift) = (0_u32, 0_u64, 0_u32);
    for byte in bytes {
        distance |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            let next = u32::try_from(distance).ok();
            let Some(next) = next.and_then(|d| last.checked_add(d)) else {
                break;
            };
            last = next;
            releases.push(ReleaseId(last));
            (distance, shift) = (0, 0);
        } else if shift > 28 {
            break;
        }
    }
    releases
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers in prop::collection::btree_set(any::<u32>(), 0..50)) {
            let releases: Vec<ReleaseId> = numbers.into_iter().map(ReleaseId).collect();
            prop_assert_eq!(decode(&encode(&releases)), releases);
        }

        #[test]
        fn no_bytes_are_too_much(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
            let releases = decode(&bytes);
            prop_assert!(releases.is_sorted());
        }
    }
}
