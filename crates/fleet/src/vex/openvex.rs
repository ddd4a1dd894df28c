//! OpenVEX 0.2.0 (<https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md>) and the shapes of 0.0.1 that are still found
//! (a vulnerability and products as texts), alone or as the predicate of an in-toto statement.

use base::{Note, Parsed};
use serde_json::Value;

use super::json::{Object, VEX_PRODUCTS, VEX_STATEMENTS, bounded, list, object, short, text, time};
use super::product::{Component, Product};
use super::statement::{Statement, Status};

/// The document itself or inside an in-toto statement, and the subjects its statements inherit as products
/// ("Data Inheritance", Encapsulating Format).
pub(super) fn find(document: &Object) -> Option<(&Object, Vec<Value>)> {
    if is_openvex(document) {
        return Some((document, Vec::new()));
    }
    let predicate = object(document, "predicate").filter(|predicate| is_openvex(predicate))?;
    let subjects = list(document, "subject")
        .iter()
        .filter_map(|s| s.get("name").cloned())
        .collect();
    Some((predicate, subjects))
}

fn is_openvex(document: &Object) -> bool {
    let context = list(document, "@context")
        .iter()
        .filter_map(Value::as_str)
        .any(|c| c.contains("openvex.dev/ns"));
    context && document.contains_key("statements")
}

pub(super) fn read(file: &str, document: &Object, subjects: &[Value]) -> Parsed<Vec<Statement>> {
    let mut parsed: Parsed<Vec<Statement>> = Parsed::default();
    let statements = bounded(
        list(document, "statements"),
        VEX_STATEMENTS,
        "statements",
        &mut parsed.notes,
    );
    for (at, statement) in statements.iter().enumerate() {
        let read = match statement.as_object() {
            Some(statement) => {
                read_statement(file, document, statement, subjects, &mut parsed.notes)
            }
            None => Err("not an object".to_owned()),
        };
        match read {
            Ok(statement) => parsed.value.push(statement),
            Err(why) => parsed.notes.push(Note::warning(format!(
                "VEX statement {} left out: {why}",
                at + 1
            ))),
        }
    }
    parsed
}

fn read_statement(
    file: &str,
    document: &Object,
    statement: &Object,
    subjects: &[Value],
    notes: &mut Vec<Note>,
) -> Result<Statement, String> {
    let ids = ids(statement);
    if ids.is_empty() {
        return Err("it names no vulnerability".to_owned());
    }
    let label = text(statement, "status").ok_or("it has no status")?;
    let status = status(label).ok_or_else(|| format!("no status of VEX: {}", short(label)))?;
    let own = bounded(list(statement, "products"), VEX_PRODUCTS, "products", notes);
    let inherited = if own.is_empty() { subjects } else { own };
    let shared_parts = components(list(statement, "subcomponents"));
    let products: Vec<Product> = inherited
        .iter()
        .filter_map(|value| product(value, &shared_parts, notes))
        .collect();
    if products.is_empty() {
        return Err("it names no product, so it applies to nothing".to_owned());
    }
    Ok(Statement {
        ids,
        status,
        justification: text(statement, "justification").map(str::to_owned),
        words: text(statement, "impact_statement")
            .or_else(|| text(statement, "status_notes"))
            .map(str::to_owned),
        author: text(document, "author")
            .unwrap_or("an author without a name")
            .to_owned(),
        time: time(statement, ["timestamp", "last_updated"])
            .or_else(|| time(document, ["timestamp", "timestamp"]))
            .or_else(|| time(document, ["last_updated", "last_updated"])),
        products,
        source: file.to_owned(),
    })
}

fn status(label: &str) -> Option<Status> {
    let all = [
        Status::NotAffected,
        Status::Affected,
        Status::Fixed,
        Status::UnderInvestigation,
    ];
    all.into_iter()
        .find(|status| status.as_str().eq_ignore_ascii_case(label))
}

/// The name and the aliases; the `@id` only when neither is there, since it is an address that merely contains an id.
fn ids(statement: &Object) -> Vec<String> {
    let vulnerability = match statement.get("vulnerability") {
        Some(Value::String(id)) => {
            return vec![id.trim().to_owned()]
                .into_iter()
                .filter(|id| !id.is_empty())
                .collect();
        }
        Some(Value::Object(vulnerability)) => vulnerability,
        _ => return Vec::new(),
    };
    let aliases = list(vulnerability, "aliases")
        .iter()
        .filter_map(Value::as_str);
    let named: Vec<String> = text(vulnerability, "name")
        .into_iter()
        .chain(aliases)
        .map(|id| id.trim().to_owned())
        .collect();
    if !named.is_empty() {
        return named;
    }
    let id = text(vulnerability, "@id").map(|id| id.rsplit(['/', '=']).next().unwrap_or(id));
    id.map(str::to_owned).into_iter().collect()
}

fn product(value: &Value, shared_parts: &[Component], notes: &mut Vec<Note>) -> Option<Product> {
    let component = component(value)?;
    let own = value
        .as_object()
        .map_or(&[][..], |product| list(product, "subcomponents"));
    let parts = components(bounded(own, VEX_PRODUCTS, "subcomponents", notes));
    if parts.len() < own.len() && parts.is_empty() {
        // A statement about a part that cannot be told must not become one about the whole.
        return None;
    }
    Some(Product {
        component,
        parts: if parts.is_empty() {
            shared_parts.to_vec()
        } else {
            parts
        },
        versions: None,
    })
}

fn components(values: &[Value]) -> Vec<Component> {
    values.iter().filter_map(component).collect()
}

/// The `@id` and every identifier; a text is an `@id`.
fn component(value: &Value) -> Option<Component> {
    let mut component = Component::default();
    match value {
        Value::String(id) => component.add(id.trim()),
        Value::Object(fields) => {
            component.add(text(fields, "@id").unwrap_or_default());
            let identifiers = object(fields, "identifiers")
                .into_iter()
                .flat_map(|map| map.values());
            identifiers
                .filter_map(Value::as_str)
                .for_each(|id| component.add(id.trim()));
        }
        _ => {}
    }
    (!component.is_nameless()).then_some(component)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Status;
    use crate::finding::Finding;
    use crate::vex::sample::{
        CLEARED, check, check_notes, fixture, found, left_pad, openvex, statement,
    };

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
    fn published_openvex_is_read() {
        let statements = fixture(include_str!("../../testdata/vex/node.openvex.json"));
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
}
