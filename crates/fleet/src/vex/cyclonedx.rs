//! CycloneDX VEX (<https://cyclonedx.org/docs/1.6/json/#vulnerabilities>): the analysis of each vulnerability, in a document
//! of its own or inside the SBOM it speaks of.

use std::collections::BTreeMap;

use base::{Note, Parsed, Purl};
use jiff::Timestamp;
use serde_json::Value;

use super::json::{
    Object, VEX_COMPONENTS, VEX_PRODUCTS, VEX_STATEMENTS, bounded, list, object, short, text, time,
};
use super::product::{Component, Product, Versions, decoded, link};
use super::statement::{Statement, Status};

/// What the statements of a document share.
struct Bom<'a> {
    file: &'a str,
    author: String,
    time: Option<Timestamp>,
    /// The document's own serial number, without `urn:uuid:`.
    serial: Option<&'a str>,
    components: BTreeMap<&'a str, Component>,
    /// The reference of what the document describes.
    subject: Option<&'a str>,
}

/// The statements, and the document's components under the links other documents use.
pub(super) fn read(
    file: &str,
    document: &Object,
) -> Parsed<(Vec<Statement>, BTreeMap<String, Component>)> {
    let mut parsed: Parsed<Vec<Statement>> = Parsed::default();
    let bom = Bom::of(file, document, &mut parsed.notes);
    let vulnerabilities = list(document, "vulnerabilities");
    let vulnerabilities = bounded(
        vulnerabilities,
        VEX_STATEMENTS,
        "vulnerabilities",
        &mut parsed.notes,
    );
    let mut unanalysed = 0;
    for (at, value) in vulnerabilities.iter().enumerate() {
        let Some(analysis) = value.get("analysis").and_then(Value::as_object) else {
            unanalysed += 1;
            continue;
        };
        let read = match value.as_object() {
            Some(vulnerability) => bom.statement(vulnerability, analysis, &mut parsed.notes),
            None => Err("not an object".to_owned()),
        };
        match read {
            Ok(statement) => parsed.value.push(statement),
            Err(why) => parsed.notes.push(Note::warning(format!(
                "VEX vulnerability {} left out: {why}",
                at + 1
            ))),
        }
    }
    if unanalysed > 0 {
        let what = format!("vulnerabilities without an analysis, which say nothing: {unanalysed}");
        parsed.notes.push(Note::info(what));
    }
    let linked = bom.linked_components();
    parsed.map(|statements| (statements, linked))
}

impl<'a> Bom<'a> {
    fn of(file: &'a str, document: &'a Object, notes: &mut Vec<Note>) -> Self {
        let metadata = object(document, "metadata");
        Self {
            file,
            author: metadata
                .and_then(author)
                .unwrap_or("an author without a name")
                .to_owned(),
            time: metadata.and_then(|metadata| time(metadata, ["timestamp", "timestamp"])),
            serial: text(document, "serialNumber")
                .map(|serial| serial.trim_start_matches("urn:uuid:")),
            components: components(document, notes),
            subject: metadata
                .and_then(|m| object(m, "component"))
                .and_then(|component| text(component, "bom-ref")),
        }
    }

    fn statement(
        &self,
        vulnerability: &Object,
        analysis: &Object,
        notes: &mut Vec<Note>,
    ) -> Result<Statement, String> {
        let references = list(vulnerability, "references")
            .iter()
            .filter_map(|r| r.get("id")?.as_str());
        let ids: Vec<String> = text(vulnerability, "id")
            .into_iter()
            .chain(references)
            .map(|id| id.trim().to_owned())
            .collect();
        if ids.is_empty() {
            return Err("it has no id".to_owned());
        }
        let state = text(analysis, "state").ok_or("its analysis has no state")?;
        let status =
            status(state).ok_or_else(|| format!("no state of an analysis: {}", short(state)))?;
        Ok(Statement {
            products: self.products(vulnerability, status, &ids[0], notes)?,
            ids,
            status,
            justification: text(analysis, "justification").map(str::to_owned),
            words: text(analysis, "detail").map(str::to_owned),
            author: self.author.clone(),
            time: time(analysis, ["lastUpdated", "firstIssued"]).or(self.time),
            source: self.file.to_owned(),
        })
    }

    fn products(
        &self,
        vulnerability: &Object,
        status: Status,
        id: &str,
        notes: &mut Vec<Note>,
    ) -> Result<Vec<Product>, String> {
        let affects = bounded(
            list(vulnerability, "affects"),
            VEX_PRODUCTS,
            "affected components",
            notes,
        );
        if affects.is_empty() {
            let subject = self.subject.and_then(|subject| self.component(subject));
            let subject = subject.ok_or("it names no component, so it applies to nothing")?;
            return Ok(vec![Product {
                component: subject,
                ..Product::default()
            }]);
        }
        let mut products = Vec::new();
        for affected in affects {
            let fields = affected.as_object();
            let reference = fields
                .and_then(|fields| text(fields, "ref"))
                .or(affected.as_str())
                .unwrap_or_default();
            match self.component(reference) {
                Some(component) => products.push(Product {
                    component,
                    parts: Vec::new(),
                    versions: fields.and_then(|fields| versions(fields, status, notes)),
                }),
                None => notes.push(Note::warning(format!(
                    "{}: a component that is not in this document and no package URL: {}",
                    short(id),
                    short(reference)
                ))),
            }
        }
        if products.is_empty() {
            return Err("none of its components can be told, so it applies to nothing".to_owned());
        }
        Ok(products)
    }

    /// What a reference names: a component of this document or of another (by BOM-Link,
    /// `urn:cdx:serialNumber/version#bom-ref`, <https://cyclonedx.org/capabilities/bomlink/>), or a package URL.
    fn component(&self, reference: &str) -> Option<Component> {
        if let Some(known) = self.components.get(reference) {
            return Some(known.clone());
        }
        match reference
            .strip_prefix("urn:cdx:")
            .and_then(|rest| rest.split_once('#'))
        {
            Some((document, inner)) => {
                self.linked(document.split('/').next().unwrap_or(document), inner)
            }
            None => purl(reference).map(|purl| Component {
                purls: vec![purl],
                ..Component::default()
            }),
        }
    }

    fn linked(&self, serial: &str, inner: &str) -> Option<Component> {
        let plain = decoded(inner)?;
        let own = self.serial == Some(serial);
        if let Some(known) = self
            .components
            .get(inner)
            .or_else(|| self.components.get(plain.as_str()))
            .filter(|_| own)
        {
            return Some(known.clone());
        }
        Some(match purl(inner) {
            Some(purl) => Component {
                purls: vec![purl],
                ..Component::default()
            },
            None => Component {
                links: vec![link(serial, &plain)],
                ..Component::default()
            },
        })
    }

    fn linked_components(self) -> BTreeMap<String, Component> {
        let Some(serial) = self.serial else {
            return BTreeMap::new();
        };
        self.components
            .into_iter()
            .map(|(reference, component)| (link(serial, reference), component))
            .collect()
    }
}

/// A package URL as it stands, or percent-encoded as a whole the way a fragment may be.
fn purl(text: &str) -> Option<Purl> {
    text.parse().ok().or_else(|| decoded(text)?.parse().ok())
}

fn status(state: &str) -> Option<Status> {
    Some(match state {
        "not_affected" | "false_positive" => Status::NotAffected,
        "resolved" | "resolved_with_pedigree" => Status::Fixed,
        "exploitable" => Status::Affected,
        "in_triage" => Status::UnderInvestigation,
        _ => return None,
    })
}

fn author(metadata: &Object) -> Option<&str> {
    let person = list(metadata, "authors")
        .iter()
        .find_map(|a| a.get("name")?.as_str());
    let named = |key: &str| object(metadata, key).and_then(|body| text(body, "name"));
    let component = object(metadata, "component");
    person
        .or_else(|| named("supplier"))
        .or_else(|| named("manufacturer"))
        .or_else(|| named("manufacture"))
        .or_else(|| component.and_then(|c| text(object(c, "supplier")?, "name")))
        .or_else(|| component.and_then(|c| text(c, "publisher")))
}

/// Every component with a reference, however deep, and what it is called. Walked with a stack of its own, so that nesting
/// costs no recursion.
fn components<'a>(document: &'a Object, notes: &mut Vec<Note>) -> BTreeMap<&'a str, Component> {
    let mut found = BTreeMap::new();
    let subject = object(document, "metadata").and_then(|metadata| metadata.get("component"));
    let mut open: Vec<&Value> = list(document, "components").iter().chain(subject).collect();
    let mut seen: u64 = 0;
    while let Some(value) = open.pop() {
        let Some(fields) = value.as_object() else {
            continue;
        };
        seen += 1;
        if VEX_COMPONENTS.is_exceeded_by(seen) {
            notes.push(
                Note::warning("too many components: the rest is left out")
                    .because_of(VEX_COMPONENTS),
            );
            break;
        }
        open.extend(list(fields, "components"));
        let mut component = Component::default();
        component.add(text(fields, "purl").unwrap_or_default());
        let reference = text(fields, "bom-ref");
        if component.purls.is_empty() {
            component.add(reference.unwrap_or_default());
            component.add(text(fields, "name").unwrap_or_default());
        }
        if let Some(reference) = reference {
            found.insert(reference, component);
        }
    }
    found
}

/// The versions listed beside a component, those with a status that fits. A version without one has that of the analysis,
/// as in the use cases of the specification (`resolved` with a bare version).
fn versions(affected: &Object, status: Status, notes: &mut Vec<Note>) -> Option<Vec<Versions>> {
    let listed = affected
        .get("versions")
        .filter(|versions| !versions.is_null())?;
    let listed = listed.as_array().map_or(&[][..], Vec::as_slice);
    if listed.is_empty() {
        return None;
    }
    let fits = |label: Option<&str>| match label {
        None => true,
        Some(label) => (label == "unaffected") == status.clears(),
    };
    let mut list = Vec::new();
    for fields in listed
        .iter()
        .filter_map(Value::as_object)
        .filter(|fields| fits(text(fields, "status")))
    {
        let one = text(fields, "version").map(|version| Versions::One(version.to_owned()));
        let range = text(fields, "range");
        match one.or_else(|| range.and_then(Versions::range)) {
            Some(versions) => list.push(versions),
            None => {
                let shown = range.map(short).unwrap_or_default();
                notes.push(Note::warning(format!(
                    "versions that cannot be read, which cover nothing: {shown}"
                )));
            }
        }
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Status;
    use crate::finding::Finding;
    use crate::vex::Statements;
    use crate::vex::sample::{CLEARED, bom, check, check_notes, fixture, found, left_pad};

    fn analysed(state: &str, affects: Value) -> Value {
        bom(json!([{"id": "CVE-2026-0001", "analysis": {"state": state}, "affects": affects}]))
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

    #[test]
    fn published_cyclonedx_is_read() {
        let linked = fixture(include_str!("../../testdata/vex/bom-link.cdx.json"));
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
        let vex = include_str!("../../testdata/vex/cisa-case-8.cdx.json");
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
}
