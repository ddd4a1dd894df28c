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
