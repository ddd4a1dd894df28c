//! VEX statements applied to findings: OpenVEX 0.2.0 (<https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>),
//! CycloneDX VEX (<https://cyclonedx.org/docs/1.6/json/#vulnerabilities>) and CSAF VEX
//! (<https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html>, section 4.5).
//!
//! A statement applies to a finding when it names one of its ids and one of its products is the finding's package. Of the
//! statements that apply the latest wins; `not_affected` and `fixed` clear the finding, the other two keep it.

mod csaf;
mod cyclonedx;
mod document;
mod json;
mod openvex;
mod product;
#[cfg(test)]
mod sample;
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

    use super::sample::{CLEARED, bom, check, csaf, left_pad, openvex, statement, statements};
    use super::*;

    fn one(status: &str, product: &str) -> Value {
        openvex(json!([statement(status, json!({"@id": product}))]))
    }

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
            "product",
            "product_id",
            "branches",
            "category",
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
            let statements = statements(&[openvex(a), bom(b.clone()), csaf(b.clone(), b.clone(), b.clone(), b)]);
            let applied = statements.apply(vec![left_pad(), left_pad()]);
            prop_assert_eq!(applied.kept.len() + applied.not_affected.len(), 2);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            Statements::default().add("f", &bytes);
        }
    }
}
