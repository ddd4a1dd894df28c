//! The product tree of a CSAF document (<https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html>, section 3.2.2): which
//! component, at which version, on which platform a product id stands for.
//!
//! Real trees hold 100,000 ids, each named once by a relationship and then by every vulnerability. So a leaf is kept once,
//! a relationship is three borrowed texts, and resolving an id walks at most [`HOPS_MAX`] relationships.

use std::collections::HashMap;

use base::{Limit, Note};

use crate::feeds::ledger::Ledger;
use crate::feeds::wire::{LIST_MAX, Lenient, List, Text, wire};

/// The most products kept of one document.
const PRODUCTS_MAX: Limit = Limit::new("csaf-products", 1_000_000);

/// The longest chain of relationships followed: a package of a module of a repository of a product is three.
const HOPS_MAX: usize = 8;

wire! {
    /// `product_tree`.
    pub(super) struct TreeWire<'a> {
        "branches" => branches: List<Lenient<BranchWire<'a>>>,
        "full_product_names" => names: List<Lenient<ProductWire<'a>>>,
        "relationships" => relationships: List<Lenient<RelationshipWire<'a>>>,
        "product_paths" => paths: List<Lenient<PathWire<'a>>>,
        "product_groups" => groups: List<Lenient<GroupWire<'a>>>,
    }
}

wire! {
    /// `branches[]`, nested as deep as the reader of JSON allows.
    struct BranchWire<'a> {
        "category" => category: Text<'a>,
        "name" => name: Text<'a>,
        "branches" => branches: List<Lenient<BranchWire<'a>>>,
        "product" => product: Lenient<ProductWire<'a>>,
    }
}

wire! {
    /// A full product name.
    struct ProductWire<'a> {
        "product_id" => id: Text<'a>,
        "name" => name: Text<'a>,
        "product_identification_helper" => helper: Lenient<HelperWire<'a>>,
    }
}

wire! {
    /// `product_identification_helper`: version 2.0 has one `purl`, 2.1 a list.
    struct HelperWire<'a> {
        "cpe" => cpe: Text<'a>,
        "purl" => purl: Text<'a>,
        "purls" => purls: List<Text<'a>>,
    }
}

wire! {
    /// `relationships[]`.
    struct RelationshipWire<'a> {
        "product_reference" => part: Text<'a>,
        "relates_to_product_reference" => of: Text<'a>,
        "full_product_name" => product: Lenient<ProductWire<'a>>,
    }
}

wire! {
    /// `product_paths[]`, which take the place of relationships in version 2.1.
    struct PathWire<'a> {
        "beginning_product_reference" => part: Text<'a>,
        "full_product_name" => product: Lenient<ProductWire<'a>>,
        "subpaths" => steps: List<Lenient<StepWire<'a>>>,
    }
}

wire! {
    /// `product_paths[].subpaths[]`.
    struct StepWire<'a> {
        "next_product_reference" => next: Text<'a>,
    }
}

wire! {
    /// `product_groups[]`.
    struct GroupWire<'a> {
        "group_id" => id: Text<'a>,
        "product_ids" => products: List<Text<'a>>,
    }
}

/// What a branch says of the products below it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Path<'t> {
    pub(super) vendor: &'t str,
    pub(super) product: &'t str,
    pub(super) version: &'t str,
    pub(super) range: &'t str,
}

/// One product that is named by itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Leaf<'t> {
    pub(super) name: &'t str,
    pub(super) cpe: &'t str,
    pub(super) purl: &'t str,
    pub(super) path: Path<'t>,
}

/// A product that is a part of another.
#[derive(Clone, Copy, Debug)]
struct Part<'t> {
    part: &'t str,
    of: &'t str,
}

/// What an id stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'t> {
    /// The thing itself.
    pub(super) component: Leaf<'t>,
    /// What it is a part of, outermost; `None` where it stands alone.
    pub(super) platform: Option<Leaf<'t>>,
    /// What stands between: the module an rpm is of.
    pub(super) module: Option<Leaf<'t>>,
}

/// Every product of a document by its id.
#[derive(Default)]
pub(super) struct Tree<'t> {
    leaves: HashMap<&'t str, Leaf<'t>>,
    parts: HashMap<&'t str, Part<'t>>,
    groups: HashMap<&'t str, &'t List<Text<'t>>>,
}

impl<'t> Tree<'t> {
    /// Reads the tree; what is over a limit is noted.
    pub(super) fn read(wire: &'t TreeWire<'t>, ledger: &mut Ledger) -> Self {
        let mut tree = Self::default();
        let mut open: Vec<(&BranchWire<'_>, Path<'_>)> = wire
            .branches
            .items
            .iter()
            .map(|branch| (&branch.value, Path::default()))
            .collect();
        let mut cut = wire.branches.cut || wire.relationships.cut || wire.names.cut;
        while let Some((branch, above)) = open.pop() {
            let path = above.with(branch);
            cut |= branch.branches.cut;
            tree.insert(&branch.product.value, path);
            open.extend(branch.branches.items.iter().map(|b| (&b.value, path)));
        }
        for product in &wire.names.items {
            tree.insert(&product.value, Path::default());
        }
        for relationship in &wire.relationships.items {
            let RelationshipWire { part, of, product } = &relationship.value;
            tree.relate(product, part.trimmed(), of.trimmed());
        }
        for path in &wire.paths.items {
            let PathWire {
                part,
                product,
                steps,
            } = &path.value;
            // The last step is the platform; what lies between says no more than the names do.
            let last = steps.items.last().map(|step| step.value.next.trimmed());
            tree.relate(product, part.trimmed(), last.unwrap_or_default());
        }
        for group in &wire.groups.items {
            let id = group.value.id.trimmed();
            tree.groups.insert(id, &group.value.products);
        }
        if cut {
            let note = Note::warning("a list of products is too long, the rest is left out");
            ledger.note(note.because_of(LIST_MAX));
        }
        if tree.is_full() {
            let note = Note::warning("too many products, the rest is left out");
            ledger.note(note.because_of(PRODUCTS_MAX));
        }
        tree
    }

    fn is_full(&self) -> bool {
        let count = self.leaves.len() + self.parts.len();
        PRODUCTS_MAX.is_exceeded_by(count as u64 + 1)
    }

    fn insert(&mut self, product: &'t ProductWire<'t>, path: Path<'t>) {
        let id = product.id.trimmed();
        if id.is_empty() || self.is_full() {
            return;
        }
        let helper = &product.helper.value;
        let purls = helper.purls.items.iter().map(Text::trimmed);
        let mut purls = std::iter::once(helper.purl.trimmed()).chain(purls);
        let leaf = Leaf {
            name: product.name.trimmed(),
            cpe: helper.cpe.trimmed(),
            purl: purls.find(|purl| !purl.is_empty()).unwrap_or_default(),
            path,
        };
        self.leaves.insert(id, leaf);
    }

    fn relate(&mut self, product: &'t Lenient<ProductWire<'t>>, part: &'t str, of: &'t str) {
        let id = product.value.id.trimmed();
        if !id.is_empty() && !part.is_empty() && !self.is_full() {
            self.parts.insert(id, Part { part, of });
        }
    }

    /// What an id stands for; `None` for one that the tree does not lead to a name.
    pub(super) fn find(&self, id: &str) -> Option<Found<'t>> {
        let Some(part) = self.parts.get(id) else {
            let component = *self.leaves.get(id)?;
            return Some(Found {
                component,
                platform: None,
                module: None,
            });
        };
        let (mut platform, mut module) = (None, None);
        let mut of = part.of;
        for _ in 0..HOPS_MAX {
            let Some(between) = self.parts.get(of) else {
                platform = self.leaves.get(of).copied();
                break;
            };
            module = module.or_else(|| self.innermost(between.part));
            of = between.of;
        }
        Some(Found {
            component: self.innermost(part.part)?,
            platform,
            module,
        })
    }

    fn innermost(&self, id: &str) -> Option<Leaf<'t>> {
        let mut id = id;
        for _ in 0..HOPS_MAX {
            match self.parts.get(id) {
                Some(part) => id = part.part,
                None => return self.leaves.get(id).copied(),
            }
        }
        None
    }

    /// The product ids of an entry that names products, groups, or both.
    pub(super) fn ids<'i>(
        &self,
        products: &'i List<Text<'_>>,
        groups: &'i List<Text<'_>>,
    ) -> impl Iterator<Item = &'i str>
    where
        't: 'i,
    {
        let grouped: Vec<&'t List<Text<'t>>> = groups
            .items
            .iter()
            .filter_map(|id| self.groups.get(id.trimmed()).copied())
            .collect();
        let grouped = grouped.into_iter().flat_map(|list| &list.items);
        let named = products.items.iter().map(Text::trimmed);
        named.chain(grouped.map(Text::trimmed))
    }
}

impl<'t> Path<'t> {
    fn with(self, branch: &'t BranchWire<'t>) -> Self {
        let name = branch.name.trimmed();
        match branch.category.trimmed() {
            "vendor" => Self {
                vendor: name,
                ..self
            },
            "product_name" => Self {
                product: name,
                ..self
            },
            "product_version" => Self {
                version: name,
                ..self
            },
            "product_version_range" => Self {
                range: name,
                ..self
            },
            _ => self,
        }
    }
}
