//! An empty, damaged or foreign file gives answers or errors, never a panic.

use super::*;

#[test]
fn an_empty_catalog_answers_everything() {
    let catalog = Catalog::from_bytes(Builder::new().finish()).unwrap();
    ask_everything(&catalog);
    assert_eq!(
        (
            catalog.built(),
            catalog.advisory_count(),
            catalog.epss_model()
        ),
        (None, 0, None)
    );
    catalog.verify().unwrap();
}

/// Calls everything there is; only panics are wrong.
fn ask_everything(catalog: &Catalog) {
    let _ = (
        catalog.digest(),
        catalog.built(),
        catalog.feeds(),
        catalog.epss_model(),
        catalog.kev_entries().is_ok(),
    );
    for (ecosystem, package) in [
        ("Red Hat", "openssl"),
        ("Red Hat", "openssl-libs"),
        ("PyPI", "zope-interface"),
        ("Debian", "x"),
    ] {
        let _ = (
            catalog.candidates(ecosystem, package).is_ok(),
            catalog.releases(ecosystem),
        );
    }
    for number in 0..catalog.advisory_count().min(50) as u32 {
        let _ = (
            catalog.advisory(AdvisoryIx(number)).is_ok(),
            catalog.affected(AdvisoryIx(number)).is_ok(),
        );
    }
    for id in ["CVE-2024-0001", "RHSA-2024:0001", "GHSA-aaaa-bbbb-cccc"] {
        let _ = catalog.find(id).is_ok();
    }
    for number in 0..3 {
        let _ = catalog.cve(CveId::new(2024, number)).is_ok();
    }
    let mut builder = Builder::new();
    if builder.carry_over(catalog, &["kev"]).is_ok() {
        let _ = builder.finish();
    }
}

#[test]
fn no_changed_byte_makes_it_panic() {
    let good = build(&sample());
    for at in 0..good.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[at] ^= change;
            if let Ok(catalog) = Catalog::from_bytes(bad) {
                assert!(catalog.verify().is_err(), "byte {at}");
                ask_everything(&catalog);
            }
        }
    }
}

#[test]
fn no_impossible_number_makes_it_panic() {
    let good = build(&sample());
    for at in 0..good.len() - 8 {
        for wide in [u64::MAX, u64::from(u32::MAX), 1 << 31] {
            let mut bad = good.clone();
            bad[at..at + 8].copy_from_slice(&wide.to_le_bytes());
            if let Ok(catalog) = Catalog::from_bytes(bad) {
                ask_everything(&catalog);
            }
        }
    }
}

#[test]
fn no_section_can_be_moved_out_of_the_file() {
    let good = build(&sample());
    // The table begins after the header; a row is an offset and a length.
    for row in (56..56 + 17 * 16).step_by(16) {
        for (at, by) in [
            (row, 1_u64),
            (row, good.len() as u64),
            (row + 8, 1),
            (row + 8, u64::MAX / 2),
        ] {
            let mut bad = good.clone();
            let old = u64::from_le_bytes(bad[at..at + 8].try_into().unwrap());
            bad[at..at + 8].copy_from_slice(&old.wrapping_add(by).to_le_bytes());
            if let Ok(catalog) = Catalog::from_bytes(bad) {
                ask_everything(&catalog);
            }
        }
    }
}

#[test]
fn no_shorter_file_is_taken_for_a_catalog() {
    let good = build(&sample());
    assert!((0..good.len()).all(|len| Catalog::from_bytes(good[..len].to_vec()).is_err()));
}

#[test]
fn errors_say_what_to_try() {
    let error = |bytes: Vec<u8>| Catalog::from_bytes(bytes).err().unwrap().to_string();
    assert!(error(b"PK\x03\x04".to_vec()).contains("feeds import"));
    let mut newer = build(&sample());
    newer[8] = 99;
    assert!(error(newer).contains("format 99"));
}

#[test]
fn a_mapped_file_answers_like_the_bytes_in_memory() {
    let bytes = build(&sample());
    let mapped = Catalog::map(&file_of(&bytes)).unwrap();
    let owned = Catalog::from_bytes(bytes).unwrap();
    assert_eq!(mapped.digest(), owned.digest());
    let of = |catalog: &Catalog| format!("{:?}", catalog.candidates("Red Hat", "openssl").unwrap());
    assert_eq!(of(&mapped), of(&owned));
    mapped.verify().unwrap();
}

#[test]
fn a_file_that_is_empty_or_cut_off_is_not_mapped() {
    let bytes = build(&sample());
    let refused = |bytes: &[u8]| Catalog::map(&file_of(bytes)).unwrap_err();
    assert!(matches!(refused(&[]), CatalogError::NotACatalog));
    assert!(matches!(
        refused(&bytes[..bytes.len() - 1]),
        CatalogError::Damaged {
            section: "header",
            ..
        }
    ));
}

fn file_of(bytes: &[u8]) -> std::fs::File {
    use std::io::Write as _;
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}
