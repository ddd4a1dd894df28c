//! What the team says about a host: facts no feed and no package list can give, each with who says so.
//!
//! Several may speak: a person, the rules of a file, a list kept elsewhere (CMDB, directory service), the host itself. The
//! stronger [`Authority`] holds, of two rules the later one; what was overruled stays visible in [`Asset::said`].

mod attribute;
mod scope;
mod window;

use std::sync::Arc;

pub(crate) use attribute::excerpt;
pub use attribute::{Attribute, AttributeKind, NotAnAttribute};
pub use scope::{NotAScope, Pci, Scope};
pub use window::{Every, NotAWindow, Opening, WINDOW_HOURS, Window};

use jiff::civil::Date;

/// The team's facts about one host; each may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asset {
    /// Network segment: `dmz`, `office`.
    pub zone: Option<String>,
    /// Who patches it: a role or a team.
    pub owner: Option<String>,
    /// `low`, `medium`, `high` or `very-high`.
    pub criticality: Option<Criticality>,
    /// Reachable by untrusted parties from public networks.
    pub exposed: Option<bool>,
    /// Its place in the scope of PCI DSS by dates, the weakest word first; [`Asset::pci_on`] reads them.
    pub scopes: Vec<Scope>,
    /// When it may be patched.
    pub window: Option<Window>,
    /// Words the team gave it, sorted, each once.
    pub tags: Vec<String>,
    /// Who said so, where the facts are not told apart: the file they came from.
    pub source: String,
    /// Everything that was said, the weakest first: of each kind the last one holds, of tags and scopes all.
    pub said: Vec<Said>,
}

/// One thing said of a host, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What.
    pub attribute: Attribute,
    /// How much it counts.
    pub authority: Authority,
    /// Who said so: `fleet.toml:12`, `cmdb.csv:40`, a role.
    pub source: Arc<str>,
}

/// Who speaks, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// The host's own report.
    Host,
    /// A list kept elsewhere.
    List,
    /// The rules of the team.
    Rules,
    /// Somebody who answered for this one host.
    Person,
}

impl Authority {
    /// Every one, the weakest first.
    pub const ALL: [Self; 4] = [Self::Host, Self::List, Self::Rules, Self::Person];

    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::List => "list",
            Self::Rules => "rules",
            Self::Person => "person",
        }
    }
}

impl Asset {
    /// What holds of everything that was said; of the same authority the later word.
    pub fn settle(mut said: Vec<Said>) -> Self {
        said.sort_by_key(|one| one.authority);
        let mut asset = Self::default();
        for one in &said {
            asset.take(&one.attribute);
        }
        asset.tags.sort_unstable();
        asset.tags.dedup();
        asset.said = said;
        asset
    }

    fn take(&mut self, attribute: &Attribute) {
        match attribute {
            Attribute::Zone(zone) => self.zone.clone_from(zone),
            Attribute::Owner(owner) => self.owner.clone_from(owner),
            Attribute::Criticality(criticality) => self.criticality = *criticality,
            Attribute::Exposed(exposed) => self.exposed = *exposed,
            Attribute::Scope(scope) => self.scopes.push(*scope),
            Attribute::Window(window) => self.window = *window,
            Attribute::Tag(tag) => self.tags.push(tag.clone()),
        }
    }

    /// Who says what holds of a kind; the file of the facts where they are not told apart, `None` where nobody does.
    pub fn source_of(&self, kind: AttributeKind) -> Option<&str> {
        let mut of_kind = self.said.iter().rev();
        let said = of_kind.find(|one| one.attribute.kind() == kind);
        let whole = Some(self.source.as_str()).filter(|source| !source.is_empty());
        said.map(|one| &*one.source).or(whole)
    }

    /// Its place in the scope of PCI DSS on a day, and by which word; `None` is unknown.
    pub fn pci_on(&self, day: Date) -> Option<Pci> {
        let mut strongest = self.scopes.iter().rev();
        strongest
            .find(|scope| scope.holds_on(day))
            .map(|scope| scope.pci)
    }
}

/// How much it hurts when the host fails (SSVC Human Impact's four steps).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criticality {
    /// Hardly.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
    /// The business stops, or people are harmed.
    VeryHigh,
}

impl Criticality {
    /// Every step, the lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::VeryHigh];

    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::VeryHigh => "very-high",
        }
    }

    /// The step of a word; ASCII case does not count.
    pub fn of_word(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|step| step.as_str().eq_ignore_ascii_case(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(authority: Authority, source: &str, attribute: Attribute) -> Said {
        Said {
            attribute,
            authority,
            source: source.into(),
        }
    }

    fn owner(name: &str) -> Attribute {
        Attribute::Owner(Some(name.into()))
    }

    #[test]
    fn a_person_holds_over_rules_over_lists_over_the_host_and_a_later_rule_over_an_earlier() {
        use Authority::{Host, List, Person, Rules};
        let check = |words: &[(Authority, &str)], holds: &str| {
            let all = words
                .iter()
                .map(|(authority, name)| said(*authority, name, owner(name)));
            let asset = Asset::settle(all.collect());
            assert_eq!(asset.owner.as_deref(), Some(holds), "{words:?}");
            assert_eq!(asset.source_of(AttributeKind::Owner), Some(holds));
            assert_eq!(asset.said.len(), words.len(), "what was overruled is shown");
        };
        check(&[(Host, "h")], "h");
        check(&[(List, "l"), (Host, "h")], "l");
        check(&[(Rules, "r"), (List, "l"), (Host, "h")], "r");
        check(&[(Person, "p"), (Rules, "r"), (List, "l")], "p");
        check(&[(Rules, "r1"), (Rules, "r2")], "r2");
        check(&[(Person, "p1"), (Rules, "r"), (Person, "p2")], "p2");
    }

    #[test]
    fn somebody_may_say_that_it_is_not_known() {
        let asset = Asset::settle(vec![
            said(Authority::List, "cmdb", Attribute::Exposed(Some(false))),
            said(Authority::Rules, "fleet.toml:3", Attribute::Exposed(None)),
        ]);
        assert_eq!(asset.exposed, None);
        assert_eq!(
            asset.source_of(AttributeKind::Exposed),
            Some("fleet.toml:3")
        );
        assert_eq!(asset.source_of(AttributeKind::Zone), None);
    }

    #[test]
    fn the_scope_is_that_of_the_day() {
        let scope = |text: &str| Attribute::Scope(text.parse().unwrap());
        let asset = Asset::settle(vec![
            said(Authority::List, "cmdb", scope("out")),
            said(
                Authority::Rules,
                "fleet.toml:9",
                scope("in 2026-01-01..2026-06-30"),
            ),
        ]);
        let on = |day: &str| asset.pci_on(day.parse().unwrap());
        assert_eq!(on("2025-12-31"), Some(Pci::Out));
        assert_eq!(on("2026-01-01"), Some(Pci::In));
        assert_eq!(on("2026-06-30"), Some(Pci::In));
        assert_eq!(on("2026-07-01"), Some(Pci::Out));
        assert_eq!(Asset::default().pci_on("2026-07-01".parse().unwrap()), None);
    }
}
