//! CSAF 2.0 and 2.1 documents of the VEX profile (<https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html>, sections 3.2.2,
//! 3.2.3 and 4.5), as far as their products have package URLs.

use std::collections::BTreeMap;

use base::{Note, Parsed};
use jiff::Timestamp;
use serde_json::Value;

use super::json::{
    Object, VEX_COMPONENTS, VEX_PRODUCTS, VEX_STATEMENTS, bounded, list, object, text, time,
};
use super::product::{Component, Product, Versions};
use super::statement::{Statement, Status};

/// The product statuses that are VEX. Those that keep a finding come last: statements of one document have one time, the
/// later wins, and where a package URL is affected on one platform and not on another the finding is kept.
const STATUSES: [(&str, Status); 7] = [
    ("known_not_affected", Status::NotAffected),
    ("fixed", Status::Fixed),
    ("first_fixed", Status::Fixed),
    ("under_investigation", Status::UnderInvestigation),
    ("last_affected", Status::Affected),
    ("first_affected", Status::Affected),
    ("known_affected", Status::Affected),
];

/// Whether a document is CSAF.
pub(super) fn is_csaf(document: &Object) -> bool {
    object(document, "document").is_some_and(|d| d.contains_key("csaf_version"))
}

pub(super) fn read(file: &str, document: &Object) -> Parsed<Vec<Statement>> {
    let mut parsed: Parsed<Vec<Statement>> = Parsed::default();
    let head = object(document, "document");
    let publisher = head.and_then(|head| text(object(head, "publisher")?, "name"));
    let tracking = head.and_then(|head| object(head, "tracking"));
    let csaf = Csaf {
        file,
        author: publisher.unwrap_or("an author without a name"),
        time: tracking
            .and_then(|tracking| time(tracking, ["current_release_date", "initial_release_date"])),
        products: object(document, "product_tree")
            .map(|tree| products(tree, &mut parsed.notes))
            .unwrap_or_default(),
        groups: object(document, "product_tree")
            .map(groups)
            .unwrap_or_default(),
    };
    let mut unnamed = 0;
    let vulnerabilities = list(document, "vulnerabilities");
    let vulnerabilities = bounded(
        vulnerabilities,
        VEX_STATEMENTS,
        "vulnerabilities",
        &mut parsed.notes,
    );
    for (at, value) in vulnerabilities.iter().enumerate() {
        let ids = value.as_object().map(ids).unwrap_or_default();
        match value.as_object().filter(|_| !ids.is_empty()) {
            Some(vulnerability) => {
                let statements =
                    csaf.statements(vulnerability, &ids, &mut unnamed, &mut parsed.notes);
                parsed.value.extend(statements);
            }
            None => parsed.notes.push(Note::warning(format!(
                "VEX vulnerability {} left out: it has no id",
                at + 1
            ))),
        }
    }
    if unnamed > 0 {
        let what = format!(
            "products without a package URL that says which versions, which match nothing: {unnamed}"
        );
        parsed.notes.push(Note::info(what));
    }
    parsed
}

fn ids(vulnerability: &Object) -> Vec<String> {
    let others = list(vulnerability, "ids")
        .iter()
        .filter_map(|id| id.get("text")?.as_str());
    text(vulnerability, "cve")
        .into_iter()
        .chain(others)
        .map(|id| id.trim().to_owned())
        .collect()
}

struct Csaf<'a> {
    file: &'a str,
    author: &'a str,
    time: Option<Timestamp>,
    /// By product id; `None` for a product that no package URL tells.
    products: BTreeMap<&'a str, Option<Product>>,
    /// Product ids of each group.
    groups: BTreeMap<&'a str, Vec<&'a str>>,
}

impl Csaf<'_> {
    /// One statement for each status and justification.
    fn statements(
        &self,
        vulnerability: &Object,
        ids: &[String],
        unnamed: &mut usize,
        notes: &mut Vec<Note>,
    ) -> Vec<Statement> {
        let Some(statuses) = object(vulnerability, "product_status") else {
            return Vec::new();
        };
        let labels = self.by_product(list(vulnerability, "flags"), "label");
        let impacts: Vec<Value> = list(vulnerability, "threats")
            .iter()
            .filter(|t| t.get("category").is_some_and(|c| c == "impact"))
            .cloned()
            .collect();
        let words = self.by_product(&impacts, "details");
        let mut statements = Vec::new();
        for (key, status) in STATUSES {
            let mut reasons: BTreeMap<(Option<String>, Option<String>), Vec<Product>> =
                BTreeMap::new();
            let listed = bounded(list(statuses, key), VEX_PRODUCTS, "products", notes);
            for id in listed.iter().filter_map(Value::as_str) {
                match self.products.get(id) {
                    Some(Some(product)) => {
                        let reason = (labels.get(id).cloned(), words.get(id).cloned());
                        reasons.entry(reason).or_default().push(product.clone());
                    }
                    _ => *unnamed += 1,
                }
            }
            statements.extend(
                reasons
                    .into_iter()
                    .map(|((justification, words), products)| Statement {
                        ids: ids.to_vec(),
                        status,
                        justification,
                        words,
                        author: self.author.to_owned(),
                        time: self.time,
                        products,
                        source: self.file.to_owned(),
                    }),
            );
        }
        statements
    }

    /// A text of each entry by the products it is for, named or through a group.
    fn by_product(&self, entries: &[Value], key: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for entry in entries.iter().filter_map(Value::as_object) {
            let Some(said) = text(entry, key) else {
                continue;
            };
            let grouped = list(entry, "group_ids")
                .iter()
                .filter_map(|id| self.groups.get(id.as_str()?))
                .flatten()
                .copied();
            for id in list(entry, "product_ids")
                .iter()
                .filter_map(Value::as_str)
                .chain(grouped)
            {
                found.insert(id.to_owned(), said.to_owned());
            }
        }
        found
    }
}

fn groups(tree: &Object) -> BTreeMap<&str, Vec<&str>> {
    list(tree, "product_groups")
        .iter()
        .filter_map(Value::as_object)
        .filter_map(|group| {
            Some((
                text(group, "group_id")?,
                list(group, "product_ids")
                    .iter()
                    .filter_map(Value::as_str)
                    .collect(),
            ))
        })
        .collect()
}

/// Every product of the tree by its id: leaves of branches, full product names, and relationships.
fn products<'a>(tree: &'a Object, notes: &mut Vec<Note>) -> BTreeMap<&'a str, Option<Product>> {
    let mut found = BTreeMap::new();
    for fields in list(tree, "full_product_names")
        .iter()
        .filter_map(Value::as_object)
    {
        insert(&mut found, fields, None);
    }
    let mut open: Vec<&Value> = list(tree, "branches").iter().collect();
    let mut seen: u64 = 0;
    while let Some(value) = open.pop() {
        let Some(branch) = value.as_object() else {
            continue;
        };
        seen += 1;
        if VEX_COMPONENTS.is_exceeded_by(seen) {
            notes.push(
                Note::warning("too many branches: the rest is left out").because_of(VEX_COMPONENTS),
            );
            break;
        }
        open.extend(list(branch, "branches"));
        if let Some(fields) = object(branch, "product") {
            insert(&mut found, fields, Some(branch));
        }
    }
    relate(
        &mut found,
        bounded(
            list(tree, "relationships"),
            VEX_COMPONENTS,
            "relationships",
            notes,
        ),
    );
    found
}

fn insert<'a>(
    found: &mut BTreeMap<&'a str, Option<Product>>,
    fields: &'a Object,
    branch: Option<&Object>,
) {
    let Some(id) = text(fields, "product_id") else {
        return;
    };
    let mut component = Component::default();
    if let Some(helper) = object(fields, "product_identification_helper") {
        // 2.0 has one `purl`, 2.1 a list of `purls`.
        for purl in list(helper, "purl")
            .iter()
            .chain(list(helper, "purls"))
            .filter_map(Value::as_str)
        {
            component.purls.extend(purl.trim().parse());
        }
    }
    let product = (!component.purls.is_empty()).then(|| Product {
        versions: branch.and_then(|branch| versions(branch, &component)),
        component,
        parts: Vec::new(),
    });
    found.insert(id, product);
}

/// The versions that a branch says for a package URL without one. A range that is not a range specifier covers nothing.
fn versions(branch: &Object, component: &Component) -> Option<Vec<Versions>> {
    let name = text(branch, "name").unwrap_or_default();
    let purl = component.purls.first()?;
    match text(branch, "category") {
        Some("product_version_range") => Some(Versions::range(name).into_iter().collect()),
        // Some publishers repeat the package's name where a version is expected, and mean every version.
        Some("product_version") if purl.version().is_none() && name != purl.name() => {
            Some(vec![Versions::One(name.to_owned())])
        }
        _ => None,
    }
}

/// A component of a platform is the component: the platform has no package URL to look for. One whose package URL has no
/// version would then be meant on every platform, so that one matches nothing.
fn relate<'a>(found: &mut BTreeMap<&'a str, Option<Product>>, relationships: &'a [Value]) {
    for fields in relationships.iter().filter_map(Value::as_object) {
        let id = object(fields, "full_product_name").and_then(|name| text(name, "product_id"));
        let (Some(id), Some(part)) = (id, text(fields, "product_reference")) else {
            continue;
        };
        let platform =
            text(fields, "relates_to_product_reference").and_then(|platform| found.get(platform));
        let on_package = matches!(platform, Some(Some(_)));
        let is_told = |product: &Product| {
            on_package
                || product.versions.is_some()
                || product
                    .component
                    .purls
                    .iter()
                    .all(|purl| purl.version().is_some())
        };
        let product = found.get(part).cloned().flatten().filter(is_told);
        // The combination may have a package URL of its own.
        if let Some(fields) = object(fields, "full_product_name") {
            insert(found, fields, None);
        }
        if !matches!(found.get(id), Some(Some(_))) {
            found.insert(id, product);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Status;
    use crate::vex::sample::{CLEARED, check, check_notes, csaf, left_pad, statements};

    fn branch(id: &str, category: &str, name: &str, purl: &str) -> Value {
        let helper = json!({"purl": purl});
        json!({"category": category, "name": name, "product": {"product_id": id, "name": id, "product_identification_helper": helper}})
    }

    #[test]
    fn csaf_products_are_found_through_the_tree() {
        let branches = json!([
            branch("P1", "product_version", "1.0.0", "pkg:npm/left-pad@1.0.0"),
            branch("P2", "product_version", "2.0.0", "pkg:npm/left-pad"),
            branch("P3", "product_version_range", "vers:npm/>=0.9|<1.0.1", "pkg:npm/left-pad"),
            branch("P4", "product_version_range", "before 1.1", "pkg:npm/left-pad"),
            branch("P5", "product_name", "left-pad", "pkg:npm/left-pad"),
            {"category": "product_name", "name": "os", "product": {"product_id": "OS", "name": "os"}},
        ]);
        let relates = |part: &str| {
            json!([{"category": "default_component_of", "full_product_name": {"product_id": "R", "name": "r"},
                "product_reference": part, "relates_to_product_reference": "OS"}])
        };
        let document =
            |part: &str, status: Value| csaf(branches.clone(), relates(part), status, json!([]));
        check(
            &[document("P1", json!({"known_not_affected": ["P1"]}))],
            left_pad(),
            CLEARED,
        );
        check(
            &[document("P1", json!({"fixed": ["P2", "P1"]}))],
            left_pad(),
            Some(Status::Fixed),
        );
        check(
            &[document("P1", json!({"fixed": ["P2"]}))],
            left_pad(),
            None,
        );
        check(
            &[document("P1", json!({"known_not_affected": ["P3"]}))],
            left_pad(),
            CLEARED,
        );
        check(
            &[document("P1", json!({"known_not_affected": ["P4"]}))],
            left_pad(),
            None,
        );
        check(
            &[document("P1", json!({"known_not_affected": "P5"}))],
            left_pad(),
            CLEARED,
        );
        check(
            &[document(
                "P1",
                json!({"known_not_affected": ["P5"], "known_affected": ["P1"]}),
            )],
            left_pad(),
            None,
        );
        check(
            &[document("P1", json!({"known_not_affected": ["R"]}))],
            left_pad(),
            CLEARED,
        );
        check(
            &[document("P5", json!({"known_not_affected": ["R"]}))],
            left_pad(),
            None,
        );
        let unnamed =
            "products without a package URL that says which versions, which match nothing: 3";
        check_notes(
            &document("P5", json!({"known_not_affected": ["R", "OS", "P9"]})),
            &[unnamed],
        );
    }

    #[test]
    fn csaf_flags_are_the_justification_of_their_products() {
        let branches = json!([branch(
            "P1",
            "product_version",
            "1.0.0",
            "pkg:npm/left-pad@1.0.0"
        )]);
        let flags = json!([{"label": "component_not_present", "group_ids": ["G"]}]);
        let document = csaf(
            branches,
            json!([]),
            json!({"known_not_affected": ["P1"]}),
            flags,
        );
        let applied = statements(&[document]).apply(vec![left_pad()]);
        let (_, cleared) = &applied.not_affected[0];
        assert_eq!(
            cleared.detail,
            "product security says not_affected since 2026-05-01: component_not_present"
        );
    }
}
