//! Documents by digest, releases by number, records by version, catalogs, checkpoints.

use std::sync::Arc;

use base::Digest;
use fleet::release::{Release, ReleaseId};
use inventory::Windows;
use store::catalogs::KnownCatalog;
use store::feeds::CatalogFeed;
use store::records::{NewRecord, RecordKind};
use store::{blobs, catalogs, checkpoints, inventories, records, releases};

use crate::backends::on_each;
use crate::sample::host;

#[test]
fn a_release_has_one_number_for_ever() {
    on_each(|backend| {
        let first = Release::of_host(&host("a", "1.0"));
        let mut second = Release::of_host(&host("b", "2.0"));
        second.push(first[0].clone());
        let ids = |list: &[Release]| {
            backend
                .store
                .write(|tx| releases::intern(tx, list))
                .unwrap()
        };
        assert_eq!(ids(&first), [ReleaseId(0), ReleaseId(1)]);
        assert_eq!(ids(&second), [ReleaseId(2), ReleaseId(3), ReleaseId(0)]);
        assert_eq!(ids(&second), [ReleaseId(2), ReleaseId(3), ReleaseId(0)]);
        assert_eq!(ids(&[]), []);
        let all = backend.store.read(releases::all).unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(all[3].1, second[1]);
        assert_eq!(
            backend
                .store
                .read(|tx| releases::since(tx, ReleaseId(2)))
                .unwrap(),
            all[2..]
        );
    });
}

#[test]
fn releases_of_one_windows_share_it() {
    on_each(|backend| {
        let windows = |build: &str| {
            Some(Arc::new(Windows {
                build: build.parse().ok(),
                ..Windows::default()
            }))
        };
        let mut list = Release::of_host(&host("a", "1.0"));
        list.extend(Release::of_host(&host("a", "1.0")));
        for (release, build) in list
            .iter_mut()
            .zip(["10.0.1.2", "10.0.1.2", "10.0.1.3", "10.0.1.3"])
        {
            release.situation.windows = windows(build);
        }
        let ids = backend
            .store
            .write(|tx| releases::intern(tx, &list))
            .unwrap();
        assert_eq!(ids, [0, 1, 2, 3].map(ReleaseId));
        let all = backend.store.read(releases::all).unwrap();
        let read: Vec<&Release> = all.iter().map(|(_, release)| release).collect();
        assert_eq!(read, list.iter().collect::<Vec<_>>());
        let state = |at: usize| all[at].1.situation.windows.clone().unwrap();
        assert!(Arc::ptr_eq(&state(0), &state(1)));
    });
}

#[test]
fn an_inventory_is_kept_once_and_read_under_any_name() {
    on_each(|backend| {
        let (first, twin) = (
            inventories::document(host("a", "1.0")),
            inventories::document(host("b", "1.0")),
        );
        assert_eq!(first, twin);
        let digest = first.digest();
        backend
            .store
            .write(|tx| inventories::keep(tx, &[first.clone(), twin.clone()]))
            .unwrap();
        let read = |digest| {
            backend
                .store
                .read(|tx| inventories::get(tx, digest, "c"))
                .unwrap()
        };
        assert_eq!(read(digest), Some(host("c", "1.0")));
        assert_eq!(read(Digest::of(b"other")), None);
    });
}

#[test]
fn a_blob_is_its_bytes() {
    on_each(|backend| {
        let digest = backend.store.write(|tx| blobs::keep(tx, b"rules")).unwrap();
        assert_eq!(
            backend.store.write(|tx| blobs::keep(tx, b"rules")).unwrap(),
            digest
        );
        assert_eq!(
            backend
                .store
                .read(|tx| blobs::get(tx, digest))
                .unwrap()
                .as_deref(),
            Some(&b"rules"[..])
        );
        assert_eq!(
            backend
                .store
                .read(|tx| blobs::get(tx, Digest::of(b"x")))
                .unwrap(),
            None
        );
        let large = vec![7; (64 << 20) + 1];
        let refused = backend
            .store
            .write(|tx| blobs::keep(tx, &large))
            .unwrap_err();
        assert!(
            refused.to_string().contains("blob-bytes=67108864"),
            "{refused}"
        );
    });
}

#[test]
fn a_record_holds_until_a_later_version_says_otherwise() {
    on_each(|backend| {
        let put = |number, learned, is_withdrawn, body: &str| {
            let new = NewRecord {
                kind: RecordKind::Suppression,
                number,
                learned,
                actor: "person:1",
                is_withdrawn,
                body: body.as_bytes(),
            };
            backend.store.write(|tx| records::put(tx, &new))
        };
        let first = put(None, 1, false, "a").unwrap();
        let second = put(None, 2, false, "b").unwrap();
        let third = put(Some(1), 5, false, "c").unwrap();
        put(Some(1), 7, true, "").unwrap();
        assert!(put(Some(9), 8, false, "d").is_err());
        assert_eq!(
            (
                first.number,
                first.version,
                second.number,
                third.number,
                third.version
            ),
            (1, 1, 2, 1, 2)
        );
        let at = |sequence| {
            backend
                .store
                .read(|tx| records::at(tx, RecordKind::Suppression, sequence))
                .unwrap()
        };
        assert_eq!(at(0), []);
        assert_eq!(at(1), std::slice::from_ref(&first));
        assert_eq!(at(4), [first.clone(), second.clone()]);
        assert_eq!(at(6), [third, second.clone()]);
        assert_eq!(at(7), [second]);
        let of_other_kind = backend
            .store
            .read(|tx| records::current(tx, RecordKind::Plan))
            .unwrap();
        assert_eq!(of_other_kind, []);
        let history = backend
            .store
            .read(|tx| records::history(tx, RecordKind::Suppression, 1))
            .unwrap();
        assert_eq!(history.len(), 3);
        assert_ne!(first.digest, Digest::of(b"a"), "the digest is salted");
    });
}

#[test]
fn a_catalog_is_known_when_its_file_is_gone() {
    on_each(|backend| {
        let feed = |name: &str, as_of: Option<&str>| CatalogFeed {
            name: name.to_owned(),
            as_of: as_of.map(str::to_owned),
        };
        let catalog = KnownCatalog {
            digest: "c1".to_owned(),
            learned: 3,
            file: None,
            feeds: vec![feed("epss", Some("2026-11-24")), feed("kev", None)],
        };
        let with_file = KnownCatalog {
            file: Some("c1.dwcat".to_owned()),
            learned: 9,
            ..catalog.clone()
        };
        let get = || backend.store.read(|tx| catalogs::get(tx, "c1")).unwrap();
        assert_eq!(get(), None);
        backend
            .store
            .write(|tx| catalogs::note(tx, &catalog))
            .unwrap();
        assert_eq!(get(), Some(catalog.clone()));
        backend
            .store
            .write(|tx| catalogs::note(tx, &with_file))
            .unwrap();
        assert_eq!(
            get(),
            Some(KnownCatalog {
                learned: 3,
                ..with_file
            })
        );
        let gone = backend
            .store
            .write(|tx| catalogs::let_go(tx, "c1"))
            .unwrap();
        assert_eq!(gone.as_deref(), Some("c1.dwcat"));
        assert_eq!(backend.store.read(catalogs::all).unwrap(), [catalog]);
        assert!(
            backend
                .store
                .write(|tx| catalogs::let_go(tx, "c2"))
                .is_err()
        );
    });
}

#[test]
fn the_last_checkpoint_is_kept_and_may_be_forgotten() {
    on_each(|backend| {
        let latest = || backend.store.read(checkpoints::latest).unwrap();
        assert_eq!(latest(), None);
        // More than one part.
        let large: Vec<u8> = (0..5_000_000_u32).map(|n| n as u8).collect();
        backend
            .store
            .write(|tx| checkpoints::put(tx, 7, &large))
            .unwrap();
        assert!(latest() == Some((7, large)));
        backend
            .store
            .write(|tx| checkpoints::put(tx, 9, b"small"))
            .unwrap();
        assert_eq!(latest(), Some((9, b"small".to_vec())));
        backend.store.write(checkpoints::forget).unwrap();
        assert_eq!(latest(), None);
    });
}
