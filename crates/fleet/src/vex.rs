//! VEX statements applied to findings: OpenVEX 0.2.0 (<https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>) and
//! CycloneDX VEX (<https://cyclonedx.org/docs/1.6/json/#vulnerabilities>).
//!
//! A statement applies to a finding when it names one of its ids and one of its products is the finding's package. Of the
//! statements that apply the latest wins; `not_affected` and `fixed` clear the finding, the other two keep it.

mod cyclonedx;
mod document;
mod json;
mod openvex;
mod product;
mod statement;

use std::collections::BTreeMap;

use base::{Note, Purl};

use crate::finding::Finding;
use product::Component;
use statement::Statement;

pub use document::VEX_BYTES;
pub use json::{VEX_COMPONENTS, VEX_PRODUCTS, VEX_STATEMENTS};
pub use statement::{Cleared, Status};

/// Characters of a link that a note repeats.
const LINK_CHARS: usize = 200;

/// The statements of any number of documents, and what was noted while reading them.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    list: Vec<Statement>,
    by_id: BTreeMap<String, Vec<usize>>,
    /// Components of the CycloneDX documents read, by the link other documents refer to them with.
    components: BTreeMap<String, Component>,
    notes: Vec<Note>,
}

/// Findings after VEX.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// Those no statement clears, in their order.
    pub kept: Vec<Finding>,
    /// Those a statement clears, in their order, and what it says.
    pub not_affected: Vec<(Finding, Cleared)>,
    /// What was noted while the documents were read.
    pub notes: Vec<Note>,
}

impl Statements {
    /// Reads one more document. Order matters only between statements of the same time: the later one wins. A CycloneDX
    /// document need not have statements: others may speak of its components (BOM-Link).
    pub fn add(&mut self, file: &str, bytes: &[u8]) {
        let read = document::read(file, bytes);
        for statement in read.value.statements {
            let at = self.list.len();
            for id in &statement.ids {
                self.by_id
                    .entry(id.to_ascii_uppercase())
                    .or_default()
                    .push(at);
            }
            self.list.push(statement);
        }
        self.components.extend(read.value.components);
        for product in self
            .list
            .iter_mut()
            .flat_map(|statement| &mut statement.products)
        {
            product.component.resolve(&self.components);
        }
        self.notes
            .extend(read.notes.into_iter().map(|note| note.in_file(file)));
    }

    /// How many statements there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// What was noted while the documents were read.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Takes out the findings that the latest statement about them clears.
    pub fn apply(&self, findings: Vec<Finding>) -> Applied {
        let mut applied = Applied {
            notes: self
                .notes
                .iter()
                .cloned()
                .chain(self.open_links())
                .collect(),
            ..Applied::default()
        };
        for finding in findings {
            match self
                .latest(&finding)
                .filter(|statement| statement.status.clears())
            {
                Some(statement) => {
                    let cleared = statement.cleared();
                    applied.not_affected.push((finding, cleared));
                }
                None => applied.kept.push(finding),
            }
        }
        applied
    }

    /// One note for each document that speaks of components of documents nobody gave.
    fn open_links(&self) -> Vec<Note> {
        let mut open: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for statement in &self.list {
            for link in statement.products.iter().flat_map(|p| &p.component.links) {
                open.entry(&statement.source).or_insert((0, link)).0 += 1;
            }
        }
        let note = |(file, (n, link)): (&str, (usize, &str))| {
            let first: String = link.chars().take(LINK_CHARS).collect();
            let what = format!(
                "components of documents that were not given, which match nothing: {n}, the first is {first}"
            );
            Note::warning(what).in_file(file)
        };
        open.into_iter().map(note).collect()
    }

    /// The statement that holds for a finding now: the one with the latest time; of two with the same, the later in order.
    fn latest(&self, finding: &Finding) -> Option<&Statement> {
        let candidates = self.naming(finding);
        if candidates.is_empty() {
            return None;
        }
        let purl: Option<Purl> = finding.purl.as_deref().and_then(|purl| purl.parse().ok());
        candidates
            .into_iter()
            .filter(|at| {
                self.list[*at]
                    .products
                    .iter()
                    .any(|p| p.is(finding, purl.as_ref()))
            })
            .max_by_key(|at| (self.list[*at].time, *at))
            .map(|at| &self.list[at])
    }

    /// The statements that name any id of a finding, each once.
    fn naming(&self, finding: &Finding) -> Vec<usize> {
        let cves = finding.cves.iter().map(ToString::to_string);
        let ids = [&finding.id]
            .into_iter()
            .chain(&finding.aliases)
            .cloned()
            .chain(cves);
        let mut list: Vec<usize> = ids
            .filter_map(|id| self.by_id.get(&id.to_ascii_uppercase()))
            .flatten()
            .copied()
            .collect();
        list.sort_unstable();
        list.dedup();
        list
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::sample::finding;

    /// A finding on a package given by its package URL.
    fn found(id: &str, ecosystem: &str, purl: &str) -> Finding {
        let parsed: Purl = purl.parse().unwrap();
        Finding {
            purl: Some(parsed.to_string()),
            ..finding(
                id,
                ecosystem,
                parsed.name(),
                parsed.version().unwrap_or("0"),
            )
        }
    }

    fn left_pad() -> Finding {
        found("CVE-2026-0001", "npm", "pkg:npm/left-pad@1.0.0")
    }

    fn statements(documents: &[Value]) -> Statements {
        let mut statements = Statements::default();
        for (at, document) in documents.iter().enumerate() {
            statements.add(&format!("{at}.json"), document.to_string().as_bytes());
        }
        statements
    }

    fn check(documents: &[Value], finding: Finding, expected: Option<Status>) {
        let statements = statements(documents);
        let applied = statements.apply(vec![finding]);
        let status = applied
            .not_affected
            .first()
            .map(|(_, cleared)| cleared.status);
        assert_eq!(status, expected, "{documents:?} {:?}", applied.notes);
        assert_eq!(applied.kept.len(), usize::from(expected.is_none()));
    }

    fn check_notes(document: &Value, expected: &[&str]) {
        let statements = statements(std::slice::from_ref(document));
        let notes: Vec<&str> = statements.notes().iter().map(|n| n.what.as_str()).collect();
        assert_eq!(notes, expected, "{document}");
    }

    fn openvex(statements: Value) -> Value {
        json!({
            "@context": "https://openvex.dev/ns/v0.2.0",
            "@id": "https://openvex.dev/docs/example/vex-1",
            "author": "product security",
            "timestamp": "2026-05-01T00:00:00Z",
            "version": 1,
            "statements": statements,
        })
    }

    fn statement(status: &str, product: Value) -> Value {
        json!({
            "vulnerability": {"name": "CVE-2026-0001"},
            "products": [product],
            "status": status,
            "justification": "vulnerable_code_not_in_execute_path",
        })
    }

    fn one(status: &str, product: &str) -> Value {
        openvex(json!([statement(status, json!({"@id": product}))]))
    }

    fn bom(vulnerabilities: Value) -> Value {
        json!({
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
            "version": 1,
            "metadata": {
                "timestamp": "2026-05-01T00:00:00Z",
                "authors": [{"name": "product security"}],
                "component": {"bom-ref": "shop", "name": "web-1", "type": "application"},
            },
            "components": [
                {"bom-ref": "c1", "name": "left-pad", "purl": "pkg:npm/left-pad@1.0.0", "components": [
                    {"bom-ref": "c2", "name": "pad", "purl": "pkg:npm/pad@2.0.0"},
                ]},
            ],
            "vulnerabilities": vulnerabilities,
        })
    }

    fn analysed(state: &str, affects: Value) -> Value {
        bom(json!([{"id": "CVE-2026-0001", "analysis": {"state": state}, "affects": affects}]))
    }

    const CLEARED: Option<Status> = Some(Status::NotAffected);

    #[test]
    fn a_cleared_finding_says_who_says_what_and_why() {
        let applied =
            statements(&[one("not_affected", "pkg:npm/left-pad@1.0.0")]).apply(vec![left_pad()]);
        assert_eq!(applied.kept, []);
        assert_eq!(applied.notes, []);
        let expected = Cleared {
            status: Status::NotAffected,
            justification: Some("vulnerable_code_not_in_execute_path".to_owned()),
            detail: "product security says not_affected since 2026-05-01: vulnerable_code_not_in_execute_path".to_owned(),
            source: "0.json".to_owned(),
        };
        assert_eq!(applied.not_affected, [(left_pad(), expected)]);
    }

    #[test]
    fn only_not_affected_and_fixed_clear_a_finding() {
        let product = "pkg:npm/left-pad";
        check(&[one("not_affected", product)], left_pad(), CLEARED);
        check(&[one("fixed", product)], left_pad(), Some(Status::Fixed));
        check(&[one("affected", product)], left_pad(), None);
        check(&[one("under_investigation", product)], left_pad(), None);
    }

    #[test]
    fn the_product_is_matched_by_package_url() {
        check(
            &[one("not_affected", "pkg:npm/left-pad@1.0.1")],
            left_pad(),
            None,
        );
        check(
            &[one("not_affected", "pkg:npm/right-pad")],
            left_pad(),
            None,
        );
        check(
            &[one("not_affected", "pkg:npm/%40scope/left-pad")],
            left_pad(),
            None,
        );
        check(
            &[one("not_affected", "pkg:npm/left-pad?a=b")],
            left_pad(),
            None,
        );
        check(&[one("not_affected", "left-pad")], left_pad(), None);
        check(&[one("not_affected", "web-1")], left_pad(), CLEARED);
        check(
            &[one("not_affected", "pkg:npm/left-pad")],
            Finding {
                purl: None,
                ..left_pad()
            },
            None,
        );
        let identified = json!({"@id": "https://example.org/x", "identifiers": {"purl": "pkg:npm/left-pad@1.0.0", "cpe23": 7}});
        check(
            &[openvex(json!([statement("fixed", identified)]))],
            left_pad(),
            Some(Status::Fixed),
        );
    }

    #[test]
    fn a_part_of_a_product_is_matched_and_the_product_is_not() {
        let image = |parts: Value| {
            openvex(json!([statement(
                "not_affected",
                json!({"@id": "pkg:oci/shop@sha256%3Aab", "subcomponents": parts})
            )]))
        };
        check(
            &[image(json!([{"@id": "pkg:npm/left-pad@1.0.0"}]))],
            left_pad(),
            CLEARED,
        );
        check(&[image(json!(["pkg:npm/left-pad"]))], left_pad(), CLEARED);
        check(
            &[image(json!([{"@id": "pkg:npm/right-pad"}]))],
            left_pad(),
            None,
        );
        check(&[image(json!([]))], left_pad(), None);
        let about_a_part =
            json!({"@id": "pkg:npm/left-pad", "subcomponents": [{"@id": "pkg:npm/other"}]});
        check(
            &[openvex(json!([statement("not_affected", about_a_part)]))],
            left_pad(),
            None,
        );
        let unreadable_part = json!({"@id": "pkg:npm/left-pad", "subcomponents": [7]});
        check(
            &[openvex(json!([statement("not_affected", unreadable_part)]))],
            left_pad(),
            None,
        );
    }

    #[test]
    fn any_id_on_either_side_counts() {
        let ghsa = Finding {
            id: "GHSA-aaaa-bbbb-cccc".to_owned(),
            ..left_pad()
        };
        check(
            &[one("fixed", "pkg:npm/left-pad")],
            ghsa.clone(),
            Some(Status::Fixed),
        );
        let aliased = |vulnerability: Value| {
            openvex(
                json!([{"vulnerability": vulnerability, "products": ["pkg:npm/left-pad"], "status": "fixed"}]),
            )
        };
        let only_ghsa = Finding {
            cves: Vec::new(),
            ..ghsa
        };
        check(
            &[aliased(
                json!({"name": "X-1", "aliases": ["ghsa-aaaa-bbbb-cccc"]}),
            )],
            only_ghsa.clone(),
            Some(Status::Fixed),
        );
        check(
            &[aliased(
                json!({"@id": "https://github.com/advisories/GHSA-aaaa-bbbb-cccc"}),
            )],
            only_ghsa.clone(),
            Some(Status::Fixed),
        );
        check(
            &[aliased(json!("GHSA-aaaa-bbbb-cccc"))],
            only_ghsa.clone(),
            Some(Status::Fixed),
        );
        check(&[aliased(json!({"name": "X-1"}))], only_ghsa, None);
    }

    #[test]
    fn the_latest_statement_wins() {
        let dated = |status: &str, timestamp: &str| {
            let mut s = statement(status, json!({"@id": "pkg:npm/left-pad"}));
            s["timestamp"] = json!(timestamp);
            s
        };
        let (early, late) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00+02:00");
        check(
            &[openvex(json!([
                dated("not_affected", late),
                dated("affected", early)
            ]))],
            left_pad(),
            CLEARED,
        );
        check(
            &[openvex(json!([
                dated("affected", late),
                dated("not_affected", early)
            ]))],
            left_pad(),
            None,
        );
        check(
            &[
                openvex(json!([dated("affected", late)])),
                openvex(json!([dated("fixed", early)])),
            ],
            left_pad(),
            None,
        );
        check(
            &[openvex(json!([
                dated("affected", early),
                dated("fixed", early)
            ]))],
            left_pad(),
            Some(Status::Fixed),
        );
        let mut updated = dated("not_affected", early);
        updated["last_updated"] = json!("2026-03-01T00:00:00Z");
        check(
            &[openvex(json!([updated, dated("affected", late)]))],
            left_pad(),
            CLEARED,
        );
        let undated = statement("affected", json!({"@id": "pkg:npm/left-pad"}));
        check(
            &[openvex(json!([undated, dated("fixed", late)]))],
            left_pad(),
            None,
        );
    }

    #[test]
    fn old_openvex_and_attestations_are_read() {
        let old = json!({
            "@context": "https://openvex.dev/ns",
            "author": "product security",
            "timestamp": "2023-01-08T18:02:03.647787998-06:00",
            "version": "1",
            "statements": [{
                "vulnerability": "CVE-2026-0001",
                "products": ["pkg:oci/shop"],
                "subcomponents": ["pkg:npm/left-pad@1.0.0"],
                "status": "not_affected",
            }],
        });
        check(&[old], left_pad(), CLEARED);
        let mut inherits =
            openvex(json!([{"vulnerability": {"name": "CVE-2026-0001"}, "status": "fixed"}]));
        inherits = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "pkg:npm/left-pad@1.0.0", "digest": {}}],
            "predicateType": "https://openvex.dev/ns/v0.2.0",
            "predicate": inherits,
        });
        check(&[inherits], left_pad(), Some(Status::Fixed));
    }

    #[test]
    fn a_bad_statement_costs_only_itself() {
        let good = statement("fixed", json!("pkg:npm/left-pad"));
        let document = openvex(json!([
            7,
            {"status": "fixed"},
            {"vulnerability": "CVE-1", "products": ["pkg:npm/x"]},
            {"vulnerability": "CVE-1", "products": ["pkg:npm/x"], "status": "fine"},
            {"vulnerability": "CVE-1", "status": "fixed"},
            {"vulnerability": {"name": 7}, "products": 7, "status": "fixed"},
            good,
        ]));
        check_notes(
            &document,
            &[
                "VEX statement 1 left out: not an object",
                "VEX statement 2 left out: it names no vulnerability",
                "VEX statement 3 left out: it has no status",
                "VEX statement 4 left out: no status of VEX: fine",
                "VEX statement 5 left out: it names no product, so it applies to nothing",
                "VEX statement 6 left out: it names no vulnerability",
            ],
        );
        check(&[document], left_pad(), Some(Status::Fixed));
        let single = json!({"@context": ["https://openvex.dev/ns"], "author": 7, "timestamp": 7, "statements": statement("fixed", json!("pkg:npm/left-pad"))});
        check(&[single], left_pad(), Some(Status::Fixed));
    }

    #[test]
    fn a_document_of_another_kind_is_an_error() {
        let read = |bytes: &[u8]| {
            let mut statements = Statements::default();
            statements.add("f", bytes);
            (
                statements.len(),
                statements.notes()[0].level,
                statements.notes()[0].what.clone(),
            )
        };
        for bytes in [
            &b"[]"[..],
            b"",
            b"{}",
            b"\xff",
            b"{\"bomFormat\":\"SPDX\"}",
            b"{\"document\":{},\"product_tree\":{}}",
        ] {
            let (len, level, what) = read(bytes);
            assert_eq!((len, level), (0, base::Level::Error), "{what}");
        }
        assert!(
            read("[".repeat(1000).as_bytes())
                .2
                .contains("recursion limit")
        );
    }

    #[test]
    fn the_states_of_cyclonedx_are_those_of_vex() {
        let affects = || json!([{"ref": "c1"}]);
        check(&[analysed("not_affected", affects())], left_pad(), CLEARED);
        check(
            &[analysed("false_positive", affects())],
            left_pad(),
            CLEARED,
        );
        check(
            &[analysed("resolved", affects())],
            left_pad(),
            Some(Status::Fixed),
        );
        check(
            &[analysed("resolved_with_pedigree", affects())],
            left_pad(),
            Some(Status::Fixed),
        );
        check(&[analysed("exploitable", affects())], left_pad(), None);
        check(&[analysed("in_triage", affects())], left_pad(), None);
        check_notes(
            &analysed("fine", affects()),
            &["VEX vulnerability 1 left out: no state of an analysis: fine"],
        );
        check_notes(
            &bom(json!([{"id": "CVE-1"}])),
            &["vulnerabilities without an analysis, which say nothing: 1"],
        );
    }

    #[test]
    fn a_reference_is_a_component_a_package_url_or_a_bom_link() {
        let refers = |reference: &str| analysed("not_affected", json!([{"ref": reference}]));
        let pad = || found("CVE-2026-0001", "npm", "pkg:npm/pad@2.0.0");
        check(&[refers("c1")], left_pad(), CLEARED);
        check(&[refers("c2")], pad(), CLEARED);
        check(&[refers("c2")], left_pad(), None);
        check(&[refers("pkg:npm/left-pad@1.0.0")], left_pad(), CLEARED);
        check(
            &[refers("urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#c1")],
            left_pad(),
            CLEARED,
        );
        check(
            &[refers(
                "urn:cdx:00000000-0000-0000-0000-000000000000/1#pkg:npm/left-pad@1.0.0",
            )],
            left_pad(),
            CLEARED,
        );
        check(
            &[refers(
                "urn:cdx:00000000-0000-0000-0000-000000000000/1#pkg%3Anpm%2Fleft-pad%401.0.0",
            )],
            left_pad(),
            CLEARED,
        );
        check(
            &[refers("urn:cdx:00000000-0000-0000-0000-000000000000/1#c1")],
            left_pad(),
            None,
        );
        check(&[refers("shop")], left_pad(), CLEARED);
        check(
            &[refers("shop")],
            Finding {
                target_name: "web-2".to_owned(),
                ..left_pad()
            },
            None,
        );
        check_notes(
            &refers("c9"),
            &[
                "CVE-2026-0001: a component that is not in this document and no package URL: c9",
                "VEX vulnerability 1 left out: none of its components can be told, so it applies to nothing",
            ],
        );
        let unrelated =
            bom(json!([{"id": "CVE-2026-0001", "analysis": {"state": "not_affected"}}]));
        check(&[unrelated], left_pad(), CLEARED);
    }

    #[test]
    fn versions_listed_beside_a_component_narrow_it() {
        let listed = |versions: Value| {
            analysed(
                "not_affected",
                json!([{"ref": "pkg:deb/debian/zlib1g", "versions": versions}]),
            )
        };
        let zlib = |version: &str| {
            found(
                "CVE-2026-0001",
                "Debian:12",
                &format!("pkg:deb/debian/zlib1g@{version}"),
            )
        };
        check(
            &[listed(
                json!([{"version": "1.2-1", "status": "unaffected"}]),
            )],
            zlib("1.2-1"),
            CLEARED,
        );
        check(
            &[listed(json!([{"version": "1.2-1"}]))],
            zlib("1.2-1"),
            CLEARED,
        );
        check(
            &[listed(json!([{"version": "1.2-1", "status": "affected"}]))],
            zlib("1.2-1"),
            None,
        );
        check(
            &[listed(json!([{"version": "1.2-1", "status": "unknown"}]))],
            zlib("1.2-1"),
            None,
        );
        check(
            &[listed(json!([{"version": "1.2-2"}]))],
            zlib("1.2-1"),
            None,
        );
        check(
            &[listed(json!([{"range": "vers:deb/>=1.2|<1.3"}]))],
            zlib("1.2-1"),
            CLEARED,
        );
        check(
            &[listed(json!([{"range": "vers:deb/>=1.3"}]))],
            zlib("1.2-1"),
            None,
        );
        check(&[listed(json!([]))], zlib("1.2-1"), CLEARED);
        check(&[listed(json!([{"range": "?"}]))], zlib("1.2-1"), None);
        check_notes(
            &listed(json!([{"range": "?"}])),
            &["versions that cannot be read, which cover nothing: ?"],
        );
        let of_the_target = analysed(
            "not_affected",
            json!([{"ref": "shop", "versions": [{"version": "1.0.0"}]}]),
        );
        check(&[of_the_target], left_pad(), None);
    }

    fn fixture(text: &str) -> Statements {
        let mut statements = Statements::default();
        statements.add("fixture", text.as_bytes());
        statements
    }

    #[test]
    fn published_openvex_is_read() {
        let statements = fixture(include_str!("../testdata/vex/node.openvex.json"));
        assert_eq!((statements.len(), statements.notes()), (3, &[][..]));
        let cleared = |finding: Finding| {
            statements
                .apply(vec![finding])
                .not_affected
                .first()
                .map(|(_, c)| c.clone())
        };
        let minizip = cleared(found("CVE-2023-45853", "GIT", "pkg:nodejs/node@v18.0.0")).unwrap();
        assert_eq!(
            minizip.justification.as_deref(),
            Some("vulnerable_code_not_present")
        );
        assert!(
            minizip
                .detail
                .starts_with("Node.js Security WG says not_affected since 2026-04-08"),
            "{}",
            minizip.detail
        );
        assert_eq!(
            cleared(found("CVE-2015-3193", "GIT", "pkg:nodejs/node@v5.1.1")).map(|c| c.status),
            Some(Status::Fixed)
        );
        assert_eq!(
            cleared(found("CVE-2015-3193", "GIT", "pkg:nodejs/node@v5.1.0")),
            None
        );
    }

    #[test]
    fn published_cyclonedx_is_read() {
        let linked = fixture(include_str!("../testdata/vex/bom-link.cdx.json"));
        let jackson = |id: &str| {
            found(
                id,
                "Maven",
                "pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.10.0",
            )
        };
        assert_eq!(linked.apply(vec![jackson("CVE-2020-25649")]).kept, []);
        assert_eq!(
            linked
                .apply(vec![jackson("SNYK-JAVA-COMFASTERXMLJACKSONCORE-1048302")])
                .kept,
            []
        );
        assert_eq!(linked.apply(vec![jackson("CVE-2020-25650")]).kept.len(), 1);
    }

    #[test]
    fn a_bom_link_is_followed_into_any_document_given() {
        let vex = include_str!("../testdata/vex/cisa-case-8.cdx.json");
        let product = |serial: &str, reference: &str, purl: &str| {
            json!({
                "bomFormat": "CycloneDX",
                "serialNumber": format!("urn:uuid:{serial}"),
                "components": [{"bom-ref": reference, "name": reference, "purl": purl}],
            })
        };
        let abc = product(
            "cbb2cd68-2857-43b8-a10b-e8c03d277d18",
            "product-ABC",
            "pkg:deb/acme/abc",
        )
        .to_string();
        let log4shell = |version: &str| {
            found(
                "CVE-2021-44228",
                "Debian:12",
                &format!("pkg:deb/acme/abc@{version}"),
            )
        };
        let kept = |documents: &[&str], version: &str| {
            let mut statements = Statements::default();
            documents
                .iter()
                .enumerate()
                .for_each(|(at, d)| statements.add(&format!("{at}.json"), d.as_bytes()));
            let applied = statements.apply(vec![log4shell(version)]);
            let notes = applied.notes.len();
            (applied.kept.len(), notes)
        };
        assert_eq!(kept(&[vex], "2.5"), (1, 1));
        assert_eq!(kept(&[vex, &abc], "2.5"), (0, 1));
        assert_eq!(kept(&[&abc, vex], "2.5"), (0, 1));
        assert_eq!(kept(&[&abc, vex], "2.0"), (0, 1));
        assert_eq!(kept(&[&abc, vex], "3.0"), (1, 1));
        let jkl = product(
            "e4c3eedc-4978-470c-ad02-6ffff63738ff",
            "product-JKL",
            "pkg:deb/acme/jkl",
        )
        .to_string();
        assert_eq!(kept(&[&jkl, vex, &abc], "4.2"), (0, 0));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let key = proptest::sample::select(vec![
            "vulnerability",
            "name",
            "aliases",
            "products",
            "@id",
            "subcomponents",
            "identifiers",
            "purl",
            "status",
            "timestamp",
            "id",
            "analysis",
            "state",
            "affects",
            "ref",
            "versions",
            "version",
            "range",
            "references",
            "components",
            "bom-ref",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i32>().prop_map(Value::from),
            proptest::sample::select(vec![
                "CVE-2026-0001",
                "pkg:npm/left-pad@1.0.0",
                "not_affected",
                "fixed",
                "resolved",
                "c1",
                "vers:x/>1",
                "2026-01-01T00:00:00Z",
                "",
            ])
            .prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_document_makes_the_reader_panic_or_lose_a_finding(a in any_json(), b in any_json()) {
            let statements = statements(&[openvex(a), bom(b)]);
            let applied = statements.apply(vec![left_pad(), left_pad()]);
            prop_assert_eq!(applied.kept.len() + applied.not_affected.len(), 2);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            Statements::default().add("f", &bytes);
        }
    }
}
