//! Any inventory, release and entry there can be, for the property: what is written is read back equal, and has one spelling.

use base::{Cpe, CveId, Digest, Ecosystem, HostId, Kb, Purl};
use fleet::change::{Act, CatalogChange, HitsChange};
use fleet::hit::Hit;
use fleet::release::{Release, ReleaseId};
use inventory::{
    Confidence, Host, HostKind, Iis, IisExtension, InstalledUpdate, Kept, Location, Os, Package,
    Service, ServiceProduct, Source, StaleProcess, Transport, Windows, WindowsArch, WindowsBuild,
    WindowsFeature,
};
use jiff::Timestamp;
use jiff::civil::Date;
use matching::{FixState, Situation};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use std::sync::Arc;

use super::{
    HitTable, StoredCatalog, StoredHost, StoredRelease, StoredReport, StoredWhat, decode, encode,
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9:./+~-]{0,12}", any::<String>()]
}

fn ecosystem() -> impl Strategy<Value = Ecosystem> {
    (text(), of(text())).prop_map(|(name, release)| match release {
        Some(release) => Ecosystem::with_release(&name, &release),
        None => Ecosystem::new(&name),
    })
}

fn purl() -> impl Strategy<Value = Purl> {
    let types = prop_oneof!["deb", "npm", "golang", "maven"];
    (
        types,
        "[A-Za-z]{1,6}",
        "[A-Za-z_.-]{1,8}",
        of("[0-9a-zA-Z:~+.-]{1,8}"),
        of("[a-z0-9/]{1,8}"),
    )
        .prop_filter_map(
            "a package URL",
            |(ty, namespace, name, version, qualifier)| {
                let purl = Purl::new(&ty, Some(&namespace), &name, version.as_deref()).ok()?;
                purl.with_qualifier("arch", &qualifier.unwrap_or_default())
                    .ok()
            },
        )
}

fn date() -> impl Strategy<Value = Date> {
    (-9999_i16..=9999, 1_i8..=12, 1_i8..=28)
        .prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

fn moment() -> impl Strategy<Value = Timestamp> {
    let seconds = Timestamp::MIN.as_second() + 1..Timestamp::MAX.as_second();
    (seconds, 0_i32..1_000_000_000).prop_map(|(second, nano)| Timestamp::new(second, nano).unwrap())
}

fn cpe() -> impl Strategy<Value = Cpe> {
    (any::<char>(), text(), text(), of(text()), of(text())).prop_map(
        |(part, vendor, product, version, update)| Cpe {
            part,
            vendor,
            product,
            version,
            update,
        },
    )
}

fn location() -> impl Strategy<Value = Location> {
    (text(), of(any::<u64>()), of(text())).prop_map(|(path, line, layer)| Location {
        path,
        line,
        layer,
    })
}

fn source() -> impl Strategy<Value = Source> {
    (text(), of(text())).prop_map(|(name, version)| Source { name, version })
}

fn package() -> impl Strategy<Value = Package> {
    let kept = (of(text()), of(date())).prop_map(|(owner, confirmed)| Kept { owner, confirmed });
    let named = (
        text(),
        of(text()),
        of(ecosystem()),
        of(purl()),
        of(source()),
    );
    let more = (
        of(text()),
        of(text()),
        of(cpe()),
        of(kept),
        vec(location(), 0..3),
    );
    (named, more).prop_map(
        |((name, version, ecosystem, purl, source), (arch, module, cpe, kept, locations))| {
            Package {
                name,
                version,
                ecosystem,
                purl,
                source,
                arch,
                module,
                cpe,
                kept,
                locations,
            }
        },
    )
}

fn windows() -> impl Strategy<Value = Windows> {
    let build =
        any::<(u16, u16, u32, Option<u32>)>().prop_map(|(major, minor, build, revision)| {
            WindowsBuild {
                major,
                minor,
                build,
                revision,
            }
        });
    let update = (any::<u32>(), of(date())).prop_map(|(kb, installed)| InstalledUpdate {
        kb: Kb::new(kb),
        installed,
    });
    let feature =
        (text(), any::<bool>()).prop_map(|(name, installed)| WindowsFeature { name, installed });
    let extension =
        (text(), any::<bool>()).prop_map(|(path, enabled)| IisExtension { path, enabled });
    let iis = (of(text()), vec(extension, 0..3)).prop_map(|(version, extensions)| Iis {
        version,
        extensions,
    });
    let arch = prop::sample::select(vec![
        WindowsArch::X86,
        WindowsArch::X64,
        WindowsArch::Arm64,
        WindowsArch::Ia64,
    ]);
    let system = (
        of(text()),
        of(build),
        of(text()),
        of(any::<u8>()),
        of(arch),
        any::<Option<bool>>(),
    );
    let state = (
        of(vec(update, 0..3)),
        any::<bool>(),
        of(vec(feature, 0..3)),
        of(iis),
        any::<Option<bool>>(),
    );
    (system, state).prop_map(
        |(
            (name, build, release, service_pack, arch, server_core),
            (updates, updates_cut, features, iis, pending_reboot),
        )| Windows {
            name,
            build,
            release,
            service_pack,
            arch,
            server_core,
            updates,
            updates_cut,
            features,
            iis,
            pending_reboot,
        },
    )
}

fn service() -> impl Strategy<Value = Service> {
    let transport = prop::sample::select(vec![Transport::Tcp, Transport::Udp, Transport::Sctp]);
    let confidence = prop::sample::select(vec![
        Confidence::Possible,
        Confidence::Likely,
        Confidence::Certain,
    ]);
    let product = (text(), of(text()), of(cpe())).prop_map(|(name, version, cpe)| ServiceProduct {
        name,
        version,
        cpe,
    });
    (
        transport,
        any::<u16>(),
        of(text()),
        of(text()),
        of(text()),
        of(product),
        confidence,
        location(),
    )
        .prop_map(
            |(transport, port, address, program, package, product, confidence, location)| Service {
                transport,
                port,
                address,
                program,
                package,
                product,
                confidence,
                location,
            },
        )
}

fn host() -> impl Strategy<Value = Host> {
    let kind = prop::sample::select(vec![
        HostKind::Machine,
        HostKind::Image,
        HostKind::Application,
    ]);
    let os = (
        text(),
        of(text()),
        of(text()),
        of(text()),
        vec(text(), 0..3),
    )
        .prop_map(|(id, version, codename, pretty, id_like)| Os {
            id,
            version,
            codename,
            pretty,
            id_like,
        });
    let stale = (any::<Option<u32>>(), text(), of(text()), of(text())).prop_map(
        |(pid, program, file, package)| StaleProcess {
            pid,
            program,
            file,
            package,
        },
    );
    let lists = (vec(service(), 0..3), vec(stale, 0..3), vec(package(), 0..4));
    (text(), kind, of(os), of(text()), of(windows()), lists).prop_map(
        |(name, kind, os, kernel, windows, (services, stale, packages))| Host {
            name,
            kind,
            os,
            kernel,
            windows,
            services,
            stale,
            packages,
        },
    )
}

fn release() -> impl Strategy<Value = Release> {
    let situation =
        (any::<bool>(), any::<bool>(), of(windows())).prop_map(|(ubuntu_pro, is_idle, windows)| {
            Situation {
                ubuntu_pro,
                is_idle,
                windows: windows.map(Arc::new),
            }
        });
    (
        of(ecosystem()),
        text(),
        of(text()),
        of(source()),
        of(text()),
        of(cpe()),
        situation,
    )
        .prop_map(
            |(ecosystem, name, version, source, module, cpe, situation)| Release {
                ecosystem,
                name,
                version,
                source,
                module,
                cpe,
                situation,
            },
        )
}

fn hit() -> impl Strategy<Value = Hit> {
    let states = vec![
        FixState::Fixed,
        FixState::None,
        FixState::WontFix,
        FixState::EndOfLife,
        FixState::Unknown,
    ];
    let cve = any::<(u16, u32)>().prop_map(|(year, number)| CveId::new(year, number));
    let lists = (vec(text(), 0..3), vec(cve, 0..3), vec(text(), 0..3));
    (
        "[a-c]",
        lists,
        prop::sample::select(states),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(id, (aliases, cves, fixed), fix_state, is_unimportant, is_notice)| Hit {
                id,
                aliases,
                cves,
                fixed,
                fix_state,
                is_unimportant,
                is_notice,
            },
        )
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

proptest! {
    #[test]
    fn a_host_is_read_as_it_is_written_but_for_its_name(host in host(), name in text()) {
        let bytes = encode(StoredHost::VERSION, &StoredHost::of(host.clone()));
        let read: StoredHost = decode(StoredHost::VERSION, &bytes).unwrap();
        prop_assert_eq!(encode(StoredHost::VERSION, &read), bytes);
        prop_assert_eq!(read.named(&name), Host { name, ..host });
    }

    #[test]
    fn a_release_is_read_as_it_is_written(release in release(), named in digest()) {
        let windows = release.situation.windows.clone();
        let stored = StoredRelease::of(&release, windows.as_ref().map(|_| named));
        let read: StoredRelease = decode(StoredRelease::VERSION, &encode(StoredRelease::VERSION, &stored)).unwrap();
        prop_assert_eq!(read.with(windows.clone()), release);
        if let Some(windows) = windows {
            let bytes = encode(StoredRelease::SITUATION_VERSION, windows.as_ref());
            prop_assert_eq!(decode::<Windows>(StoredRelease::SITUATION_VERSION, &bytes), Ok(windows.as_ref().clone()));
        }
    }

    #[test]
    fn a_report_is_read_as_it_is_written(
        (host, seen_at, source) in (any::<u32>(), moment(), text()),
        (inventory, set) in (digest(), digest()),
        evaluated in vec((any::<u32>().prop_map(ReleaseId), vec(hit(), 0..4)), 0..4),
    ) {
        let table = HitTable::of(evaluated.iter().map(|(id, hits)| (*id, &**hits)));
        let report = StoredReport { host: HostId(host), seen_at, source, inventory, set, evaluated: table };
        let what = StoredWhat::Reported(report.clone());
        prop_assert_eq!(decode(StoredWhat::VERSION, &encode(StoredWhat::VERSION, &what)), Ok(what));
        prop_assert_eq!(report.evaluated.evaluated(), Ok(evaluated));
    }

    #[test]
    fn a_change_of_catalog_and_an_act_are_read_as_they_are_written(
        catalog in text(),
        releases in vec((any::<u32>(), vec(text(), 0..3), vec(hit(), 0..3)), 0..4),
        (kind, subject, hosts, record) in (text(), any::<u64>(), vec(any::<u32>().prop_map(HostId), 0..4), digest()),
    ) {
        let change = |(id, ended, now)| HitsChange { release: ReleaseId(id), ended, now };
        let change = CatalogChange { catalog, releases: releases.into_iter().map(change).collect() };
        let stored = StoredWhat::Catalog(StoredCatalog::of(&change));
        match decode(StoredWhat::VERSION, &encode(StoredWhat::VERSION, &stored)) {
            Ok(StoredWhat::Catalog(read)) => prop_assert_eq!(read.change(), Ok(change)),
            other => prop_assert!(false, "{other:?}"),
        }
        for what in [StoredWhat::Act(Act { kind, subject, hosts, record }), StoredWhat::Removed(HostId(7))] {
            prop_assert_eq!(decode(StoredWhat::VERSION, &encode(StoredWhat::VERSION, &what)), Ok(what));
        }
    }

    #[test]
    fn bytes_that_are_no_document_are_explained_and_nothing_else(bytes in vec(any::<u8>(), 0..200)) {
        let versioned = [vec![1], bytes].concat();
        let _ = decode::<StoredHost>(StoredHost::VERSION, &versioned);
        let _ = decode::<StoredRelease>(StoredRelease::VERSION, &versioned);
        let _ = decode::<StoredWhat>(StoredWhat::VERSION, &versioned);
    }
}
