//! Deltas: exact, only from where they start, and nothing out of a damaged one.

use super::super::delta::{DeltaError, apply, make, manifest};
use super::*;

fn day(number: u32) -> Catalog {
    let advisory = |n: u32| Advisory {
        id: format!("A-{n}"),
        ..advisory("A", "2024-01-01T00:00:00Z", Vec::new())
    };
    let batch = Batch {
        advisories: (0..200 + number).map(advisory).collect(),
        as_of: Some(Timestamp::from_second(1_700_000_000 + i64::from(number) * 86_400).unwrap()),
        ..Batch::default()
    };
    open(&[("f", batch)])
}

#[test]
fn a_delta_gives_the_next_catalog_to_the_byte() {
    let (one, two) = (day(1), day(2));
    let delta = make(Some(&one), &two).unwrap();
    assert_eq!(apply(&delta, Some(&one)).unwrap(), bytes_of(&two));
    let said = manifest(&delta).unwrap();
    assert_eq!(
        (said.from, said.to, said.built),
        (Some(one.digest()), two.digest(), two.built())
    );
    assert!(
        delta.len() < bytes_of(&two).len() / 2,
        "{} of {}",
        delta.len(),
        bytes_of(&two).len()
    );
}

#[test]
fn a_whole_catalog_has_the_same_form() {
    let one = day(1);
    let whole = make(None, &one).unwrap();
    assert_eq!(apply(&whole, None).unwrap(), bytes_of(&one));
    assert_eq!(apply(&whole, Some(&day(2))).unwrap(), bytes_of(&one));
}

#[test]
fn a_delta_from_another_catalog_is_refused() {
    let delta = make(Some(&day(1)), &day(2)).unwrap();
    assert!(matches!(
        apply(&delta, Some(&day(3))),
        Err(DeltaError::OtherStart { .. })
    ));
    assert!(matches!(
        apply(&delta, None),
        Err(DeltaError::OtherStart { .. })
    ));
}

#[test]
fn a_damaged_delta_gives_nothing_and_never_panics() {
    let (one, two) = (day(1), day(2));
    let delta = make(Some(&one), &two).unwrap();
    for end in 0..delta.len() {
        assert!(apply(&delta[..end], Some(&one)).is_err(), "cut at {end}");
    }
    for at in 0..delta.len() {
        let mut changed = delta.clone();
        changed[at] ^= 0x20;
        // A byte of the manifest's date or of a blank in it may change without harm to the result.
        if let Ok(bytes) = apply(&changed, Some(&one)) {
            assert_eq!(bytes, bytes_of(&two), "byte {at}");
        }
    }
}

#[test]
fn a_manifest_that_promises_too_much_is_refused() {
    let delta = make(None, &day(1)).unwrap();
    let text = String::from_utf8_lossy(&delta[16..]).into_owned();
    let bytes = bytes_of(&day(1)).len();
    assert!(text.contains(&format!("\"bytes\":{bytes}")));
    let huge = format!(
        "{{\"schema\":\"daywatch.delta/1\",\"from\":null,\"to\":\"x\",\"built\":null,\"bytes\":{},\"payload_bytes\":0,\"payload\":\"x\"}}",
        u64::MAX
    );
    let mut file = delta[..12].to_vec();
    file.extend_from_slice(&(huge.len() as u32).to_le_bytes());
    file.extend_from_slice(huge.as_bytes());
    assert!(matches!(apply(&file, None), Err(DeltaError::TooLarge(_))));
}

fn bytes_of(catalog: &Catalog) -> &[u8] {
    catalog.only_part().unwrap().bytes()
}
