//! Every form by a list as it is exported, and lists against hosts.

use super::*;
use crate::asset::Asset;
use crate::identity::{Answer, Directory, MergeRules};
use base::HostId;
use proptest::prelude::*;

/// One line a host: row, label, ids, what is said, standing.
fn shown(list: &List) -> Vec<String> {
    let one = |entry: &Listed| {
        let ids: Vec<String> = entry.identifiers.iter().map(ToString::to_string).collect();
        let said = entry.said.iter().map(|said| {
            let (kind, text) = (said.attribute.kind(), said.attribute.text());
            format!(" · {} {}", kind.as_str(), text.unwrap_or_default())
        });
        let said: String = said.collect();
        format!(
            "{} {}: {}{said} · {}",
            entry.row,
            entry.label,
            ids.join(", "),
            entry.standing.as_str()
        )
    };
    list.entries.iter().map(one).collect()
}

fn check(bytes: &[u8], format: &str, expected: &[&str], notes: &[&str]) -> List {
    let parsed = read("list", "file", bytes, None);
    assert_eq!(parsed.value.format, format);
    assert_eq!(shown(&parsed.value), expected);
    let told: Vec<String> = parsed.notes.iter().map(ToString::to_string).collect();
    assert_eq!(told, notes);
    parsed.value
}

#[test]
fn active_directory_in_utf_16() {
    let list = check(
        include_bytes!("../../testdata/lists/active-directory/computers.csv"),
        "active-directory",
        &[
            "3 WEB07: sid S-1-5-21-1004336348-1177238915-682003330-1107, tool ad:6f1c0a9e-51c2-4a3f-9f21-0d5a7e1b2c3d, fqdn web07.corp.example, name web07, address 10.3.4.7 · in-use",
            "4 OLD01: sid S-1-5-21-1004336348-1177238915-682003330-1108, tool ad:7a2d1baf-62d3-4b40-8a32-1e6b8f2c3d4e, name old01 · off",
        ],
        &[],
    );
    assert_eq!(
        list.entries[0].units,
        ["CN=WEB07,OU=Web,OU=Servers,DC=corp,DC=example"]
    );
    assert_eq!(
        list.entries[0].system.as_deref(),
        Some("Windows Server 2022 Standard")
    );
}

#[test]
fn rvtools_with_semicolons() {
    check(
        include_bytes!("../../testdata/lists/rvtools/vinfo.csv"),
        "rvtools",
        &[
            "2 web07 (Prod): uuid 1e2f2242-b2a1-4c3d-9e4f-0123456789ab, tool vcenter:5022aaaa-0001-0002-0003-000000000101, fqdn web07.corp.example, name web07, address 10.3.4.7 · in-use",
            "3 db01: uuid 1e2f2242-b2a1-4c3d-9e4f-0123456789ac, tool vcenter:5022aaaa-0001-0002-0003-000000000102, name db01 · off",
            "4 tpl-debian12: uuid 1e2f2242-b2a1-4c3d-9e4f-0123456789ad, tool vcenter:5022aaaa-0001-0002-0003-000000000103, name tpl-debian12 · retired",
        ],
        &[],
    );
}

#[test]
fn netbox_by_its_api() {
    check(
        include_bytes!("../../testdata/lists/netbox/devices.json"),
        "netbox",
        &[
            "1 web07.corp.example: serial czj1234xyz, tool netbox:17, fqdn web07.corp.example, name web07, address 10.3.4.7 · owner web operations · tag canary · in-use",
            "2 netbox:18: tool netbox:18 · in-use",
            "3 lb-old: tool netbox-vm:19, name lb-old · retired",
        ],
        &[],
    );
}

#[test]
fn glpi_by_its_api() {
    check(
        include_bytes!("../../testdata/lists/glpi/computers.json"),
        "glpi",
        &[
            "1 web07: uuid 1e2f2242-b2a1-4c3d-9e4f-0123456789ab, tool glpi:71, name web07 · owner web operations · in-use",
            "2 db01: tool glpi:72, name db01 · retired",
        ],
        &[],
    );
}

#[test]
fn names_and_addresses() {
    check(
        include_bytes!("../../testdata/lists/names/hosts.txt"),
        "names",
        &[
            "2 web07.corp.example: fqdn web07.corp.example, name web07 · in-use",
            "3 10.9.9.9: address 10.9.9.9 · in-use",
            "4 DB01: name db01 · in-use",
        ],
        &[],
    );
}

const CMDB: &[u8] = include_bytes!("../../testdata/lists/table/cmdb.csv");
const CMDB_MAP: &[u8] = include_bytes!("../../testdata/lists/table/cmdb.map.toml");

#[test]
fn a_table_by_its_map_in_windows_1252() {
    let map = ColumnMap::parse("cmdb.map.toml", CMDB_MAP).unwrap();
    let parsed = read("cmdb", "cmdb.csv", CMDB, Some(&map));
    let expected = [
        "2 web07: name web07, address 10.3.4.7 · owner Büro; Netz · zone dmz · exposed yes · criticality high · window Thu 22:00 4h Europe/Berlin · in-use",
        "3 db01: name db01, address 10.3.9.1 · zone data · exposed no · in-use",
    ];
    assert_eq!(shown(&parsed.value), expected);
    let notes: Vec<String> = parsed.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes[0],
        "cmdb.csv: the text is no UTF-8 and was read as Windows-1252"
    );
    assert!(
        notes[1].starts_with("cmdb.csv:3: criticality left out"),
        "{notes:?}"
    );
    assert!(
        notes[2].starts_with("cmdb.csv:4: a name that is no evidence, a placeholder"),
        "{notes:?}"
    );
    assert!(
        notes[3].starts_with("cmdb.csv:4: left out, nothing tells it"),
        "{notes:?}"
    );
    let asset = Asset::settle(parsed.value.entries[0].said.clone());
    assert_eq!(&*asset.said[0].source, "cmdb.csv:2");
}

#[test]
fn a_preview_shows_what_headings_are_taken_for_and_gives_the_map() {
    let preview = preview("cmdb.csv", CMDB, None, 2).value;
    let taken = preview.headings.iter().map(|h| {
        let column = h
            .column
            .as_ref()
            .map_or("-".to_owned(), ToString::to_string);
        format!("{} = {column}: {}", h.text, h.values.join(" | "))
    });
    let expected = [
        "Rechnername = name: web07 | db01",
        "IP-Adresse = address: 10.3.4.7 | 10.3.9.1",
        "Zuständig = owner: Büro; Netz",
        "Netzzone = zone: dmz | data",
        "Extern = -: Ja | Nein",
        "Kritikalität = criticality: high | sehr hoch",
        "Wartungsfenster = window: Thu 22:00 4h Europe/Berlin",
        "Bemerkung = -: =1+1",
    ];
    assert_eq!(taken.collect::<Vec<_>>(), expected);
    assert_eq!(preview.hosts.len(), 2);
    let saved = ColumnMap::parse("map.toml", preview.map.to_toml().as_bytes()).unwrap();
    assert_eq!(saved, preview.map);
}

#[test]
fn a_map_that_is_wrong_is_told_with_its_line() {
    let check = |text: &str, line: u64, part: &str| {
        let notes = ColumnMap::parse("map.toml", text.as_bytes()).unwrap_err();
        assert_eq!(notes[0].line, Some(line), "{notes:?}");
        assert!(notes[0].what.contains(part), "{notes:?}");
    };
    check(
        "[columns]\nName = \"name\"\nColor = \"colour\"\n",
        3,
        "columns are label, name",
    );
    check("[column]\nName = \"name\"\n", 1, "write [columns]");
    check("[columns]\nName = 7\n", 2, "no file of columns");
    check(
        "[columns]\n[values.colour]\nred = \"yes\"\n",
        2,
        "columns are label",
    );
}

#[test]
fn what_is_no_list_is_told() {
    let check = |bytes: &[u8], part: &str| {
        let parsed = read("list", "file", bytes, None);
        assert!(parsed.failed() && parsed.value.entries.is_empty());
        assert!(
            parsed.notes.iter().any(|n| n.what.contains(part)),
            "{:?}",
            parsed.notes
        );
    };
    check(b"", "not a list of hosts");
    check(
        b"colour;taste\nred;sweet\n",
        "read are: netbox, glpi, active-directory, rvtools, table, names",
    );
    check(
        br#"{"results":[{"id":1,"primary_ip4":null,"custom_fields":{}"#,
        "no whole answer",
    );
    let map = ColumnMap::parse("m", b"[columns]\nName = \"name\"\n").unwrap();
    let parsed = read("list", "file", b"colour;taste\nred;sweet\n", Some(&map));
    assert!(
        parsed.notes[0].what.contains("Headings are: colour, taste"),
        "{:?}",
        parsed.notes
    );
}

#[test]
fn every_form_has_a_fixture_and_stands_in_the_guide() {
    let guide = include_str!("../../../../docs/guide/fleet.md");
    for format in LISTS {
        assert!(
            guide.contains(&format!("`{}`", format.id())),
            "{}",
            format.id()
        );
        assert!(!format.about().is_empty());
    }
}

#[test]
fn lists_are_held_against_the_hosts_that_report() {
    let read_list = |name: &str, text: &str| read(name, name, text.as_bytes(), None).value;
    let lists = [
        read_list(
            "ad",
            "Name,DNSHostName,DistinguishedName,Enabled\nweb07,web07.corp.example,x,True\nghost,ghost.corp.example,x,True\noff01,,x,False\n",
        ),
        read_list("names", "web07\nghost\n10.3.4.9\n"),
        read_list(
            "cmdb",
            "name,status,ip\ngone,Retired,10.1.1.1\noff01,offline,\n",
        ),
    ];
    let rules = MergeRules::default();
    let mut directory = Directory::default();
    let known = |n: u32, ids: &str| (HostId(n), read_list("x", ids).entries.remove(0).identifiers);
    for (host, ids) in [
        known(1, "web07.corp.example"),
        known(2, "name,ip\ndb01,10.3.4.9\n"),
        known(3, "web07-new"),
    ] {
        directory.learn(host, &ids);
    }
    directory.answer(HostId(1), HostId(3), Answer::Same);
    let reporting = [HostId(1), HostId(2), HostId(3)].into();
    let found = compare(&directory, &reporting, &lists, &rules);
    let seen: Vec<_> = found
        .seen
        .iter()
        .map(|s| (s.host.0, s.entries.clone()))
        .collect();
    assert_eq!(seen, [(1, vec![(0, 0), (1, 0)])]);
    let never: Vec<_> = found
        .never
        .iter()
        .map(|u| (u.entries.clone(), u.is_off))
        .collect();
    assert_eq!(
        never,
        [(vec![(0, 1), (1, 1)], false), (vec![(0, 2), (2, 1)], true)]
    );
    assert_eq!(found.unlisted, [HostId(2)]);
    assert_eq!(
        found.doubts.len(),
        1,
        "an address of a host that reports under a name"
    );
    assert_eq!(
        (&found.doubts[0].0.entries, found.doubts[0].1[0].host),
        (&vec![(1, 2)], HostId(2))
    );
    assert_eq!(found.retired, [0, 0, 1]);
}

#[test]
fn a_large_list_is_linear() {
    let text: String = (0..20_000).map(|n| format!("name-{n}\n")).collect();
    let list = read("names", "names", text.as_bytes(), None).value;
    assert_eq!(list.entries.len(), 20_000);
    let lists = [list.clone(), list];
    let found = compare(
        &Directory::default(),
        &[].into(),
        &lists,
        &MergeRules::default(),
    );
    assert_eq!(found.never.len(), 20_000);
    assert!(found.never.iter().all(|u| u.entries.len() == 2));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_explained(bytes in prop::collection::vec(any::<u8>(), 0..300), head in "|name;ip\n|VM,Powerstate\n|#TYPE x\n|\\[") {
        let bytes = [head.as_bytes(), &bytes].concat();
        let parsed = read("list", "file", &bytes, None);
        prop_assert!(parsed.value.entries.iter().all(|e| !e.identifiers.is_empty() && !e.label.is_empty()));
        preview("file", &bytes, None, 3);
    }

    #[test]
    fn a_map_is_read_as_it_is_written(headings in prop::collection::btree_map("\\PC{1,12}", 0_usize..6, 0..6), word in "\\PC{1,8}") {
        let words = ["name", "tool:cmdb", "owner", "exposed", "ou", "label"];
        let values = [(word.to_lowercase(), "yes".to_owned())].into();
        let map = ColumnMap {
            columns: headings.into_iter().map(|(h, w)| (h, words[w].parse().unwrap())).collect(),
            values: [("exposed".parse().unwrap(), values)].into(),
        };
        prop_assert_eq!(ColumnMap::parse("map", map.to_toml().as_bytes()).unwrap(), map);
    }
}
