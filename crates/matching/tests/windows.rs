//! The week of Code Red, and machines of today: products of Microsoft against lists of updates.
//!
//! The facts of 2001 are those of Microsoft's bulletins MS01-033, MS01-044 and MS02-018 and of the knowledge base article 319733, which
//! says that the cumulative patch holds the fix for Index Server.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its own fixtures, and a panic is how it fails"
)]

use advisories::catalog::{Builder, Catalog};
use advisories::feeds::{Document, Feed as _, Wesng};
use base::Kb;
use inventory::{
    Host, Iis, IisExtension, InstalledUpdate, Listing, Windows, WindowsArch, assemble,
};
use matching::{Options, Reason, match_package};

fn historic() -> Catalog {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/historic/microsoft-worms.csv"
    );
    catalog(&std::fs::read(path).unwrap())
}

fn catalog(csv: &[u8]) -> Catalog {
    let document = Document {
        name: "list.csv",
        bytes: csv,
    };
    let mut builder = Builder::new();
    builder.add("wesng", Wesng.parse(&document).value);
    Catalog::from_bytes(builder.finish()).unwrap()
}

/// Windows 2000 Server with IIS 5.0, with a service pack and updates.
fn server_of_2001(service_pack: u8, updates: &[u32]) -> Windows {
    Windows {
        name: Some("Microsoft Windows 2000 Server".to_owned()),
        build: "5.0.2195".parse().ok(),
        arch: Some(WindowsArch::X86),
        service_pack: Some(service_pack),
        updates: Some(installed(updates)),
        iis: Some(Iis {
            version: Some("5.0".to_owned()),
            extensions: Vec::new(),
        }),
        ..Windows::default()
    }
}

fn installed(updates: &[u32]) -> Vec<InstalledUpdate> {
    let one = |kb: &u32| InstalledUpdate {
        kb: Kb::new(*kb),
        installed: None,
    };
    updates.iter().map(one).collect()
}

fn host(windows: Windows) -> Host {
    assemble(
        "web-01",
        vec![Listing {
            windows: Some(windows),
            ..Listing::default()
        }],
    )
    .value
}

/// What is said of a CVE on the host: `Ok` the fix, `Err` the reason and the detail; `None` if nothing names it.
fn said(catalog: &Catalog, host: &Host, cve: &str) -> Option<Result<String, (Reason, String)>> {
    let cve = cve.parse().unwrap();
    for package in &host.packages {
        let matches = match_package(catalog, host, package, Options::of(host, true)).unwrap();
        if let Some(found) = matches.affected.iter().find(|m| m.cves.contains(&cve)) {
            return Some(Ok(found.fixed.join(" ")));
        }
        if let Some(not) = matches.not_affected.iter().find(|n| n.cves.contains(&cve)) {
            return Some(Err((not.reason, not.detail.clone())));
        }
    }
    None
}

#[test]
fn code_red_finds_the_server_that_has_not_the_patch_of_a_month_ago() {
    // The remedy is the newest cumulative patch, which holds the patch of MS01-033.
    let fix = said(&historic(), &host(server_of_2001(2, &[])), "CVE-2001-0500").unwrap();
    assert_eq!(fix.unwrap(), "KB811114");
}

#[test]
fn it_does_not_find_the_one_that_has_it() {
    let catalog = historic();
    let patched = host(server_of_2001(2, &[300_972]));
    let (reason, detail) = said(&catalog, &patched, "CVE-2001-0500")
        .unwrap()
        .unwrap_err();
    assert_eq!(
        (reason, detail.as_str()),
        (Reason::Superseded, "KB300972 (2001-06-18) is installed")
    );
    // The hole of Nimda is another, and open.
    assert!(said(&catalog, &patched, "CVE-2001-0333").unwrap().is_ok());
}

#[test]
fn a_later_cumulative_patch_holds_it_and_the_chain_is_named() {
    let (reason, detail) = said(
        &historic(),
        &host(server_of_2001(1, &[319_733])),
        "CVE-2001-0500",
    )
    .unwrap()
    .unwrap_err();
    assert_eq!(reason, Reason::Superseded);
    assert!(
        detail.contains("KB319733 > KB301625 > KB300972"),
        "{detail}"
    );
}

#[test]
fn a_service_pack_that_holds_the_patch_is_another_product() {
    assert_eq!(
        said(&historic(), &host(server_of_2001(3, &[])), "CVE-2001-0500"),
        None
    );
}

#[test]
fn a_server_without_the_mapping_is_not_affected_as_microsoft_advised() {
    let mut windows = server_of_2001(2, &[]);
    let asp = IisExtension {
        path: r"C:\WINNT\System32\inetsrv\asp.dll".to_owned(),
        enabled: true,
    };
    windows.iis = Some(Iis {
        version: Some("5.0".to_owned()),
        extensions: vec![asp],
    });
    let catalog = historic();
    let (reason, _) = said(&catalog, &host(windows.clone()), "CVE-2001-0500")
        .unwrap()
        .unwrap_err();
    assert_eq!(reason, Reason::ComponentAbsent);
    let idq = IisExtension {
        path: r"C:\WINNT\System32\idq.dll".to_owned(),
        enabled: true,
    };
    windows.iis.as_mut().unwrap().extensions.push(idq);
    assert!(
        said(&catalog, &host(windows), "CVE-2001-0500")
            .unwrap()
            .is_ok()
    );
}

const COMPONENTS: &str = r#""DatePosted","CVE","BulletinKB","Title","AffectedProduct","AffectedComponent","Severity","Impact","Supersedes","Exploits"
"20120508","CVE-2012-0160","2604115","t","Windows 7 for x64-based Systems Service Pack 1","Microsoft .NET Framework 3.5.1","Critical","","",""
"20120508","CVE-2012-0160","2604121","t","Windows 7 for x64-based Systems Service Pack 1","Microsoft .NET Framework 4","Critical","","",""
"20110412","CVE-2011-0001","2500001","t","Windows 7 for x64-based Systems Service Pack 1","Microsoft .NET Framework 4","Critical","","",""
"#;

fn seven(updates: &[u32]) -> Host {
    host(Windows {
        name: Some("Microsoft Windows 7 Enterprise".to_owned()),
        build: "6.1.7601".parse().ok(),
        arch: Some(WindowsArch::X64),
        service_pack: Some(1),
        updates: Some(installed(updates)),
        ..Windows::default()
    })
}

#[test]
fn each_component_that_is_there_needs_its_own_update() {
    let catalog = catalog(COMPONENTS.as_bytes());
    let open = |updates: &[u32]| said(&catalog, &seven(updates), "CVE-2012-0160").unwrap();
    assert!(open(&[]).is_ok());
    // The other framework never got an update: it is not there.
    let (_, detail) = open(&[2_604_115]).unwrap_err();
    assert!(
        detail.contains("no update for Microsoft .NET Framework 4 was ever installed"),
        "{detail}"
    );
    // It got one last year: it is there, and open.
    assert_eq!(open(&[2_604_115, 2_500_001]).unwrap(), "KB2604121");
    assert!(open(&[2_604_115, 2_500_001, 2_604_121]).is_err());
}

const BROWSER: &str = r#""DatePosted","CVE","BulletinKB","Title","AffectedProduct","AffectedComponent","Severity","Impact","Supersedes","Exploits"
"20181009","CVE-2018-8460","4464330","t","Internet Explorer 11 on Windows Server 2019","Internet Explorer","Critical","","",""
"20181009","CVE-2018-8320","4464330","t","Windows Server 2019","Windows DNS","Important","","",""
"20260609","CVE-2026-0001","5094123","t","Windows Server 2019","Windows Kernel","Important","","5087538",""
"#;

#[test]
fn the_browser_is_updated_with_the_system_it_is_on() {
    let catalog = catalog(BROWSER.as_bytes());
    let server = |updates: &[u32]| {
        host(Windows {
            name: Some("Microsoft Windows Server 2019 Datacenter".to_owned()),
            build: "10.0.17763".parse().ok(),
            arch: Some(WindowsArch::X64),
            updates: Some(installed(updates)),
            ..Windows::default()
        })
    };
    let open = |updates: &[u32]| said(&catalog, &server(updates), "CVE-2018-8460").unwrap();
    assert_eq!(open(&[]).unwrap(), "KB5094123");
    let (reason, detail) = open(&[5_094_123]).unwrap_err();
    assert_eq!(reason, Reason::Superseded);
    assert!(detail.contains("cumulative"), "{detail}");
}
