//! One attribute of a host, and the text it is stored and told as.

use super::{Criticality, Scope, Window};

/// What can be said of a host. `None` says that it is not known, which overrules who is weaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// Network segment.
    Zone(Option<String>),
    /// Who patches it.
    Owner(Option<String>),
    /// How much it hurts when it fails.
    Criticality(Option<Criticality>),
    /// Reachable by untrusted parties from public networks.
    Exposed(Option<bool>),
    /// Its place in the scope of PCI DSS, for a time; more than one may hold.
    Scope(Scope),
    /// When it may be patched.
    Window(Option<Window>),
    /// A word the team gave it; more than one may hold.
    Tag(String),
}

/// Which attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeKind {
    /// Network segment.
    Zone,
    /// Who patches it.
    Owner,
    /// How much it hurts when it fails.
    Criticality,
    /// Reachable from public networks.
    Exposed,
    /// Scope of PCI DSS.
    Scope,
    /// Maintenance window.
    Window,
    /// A word of the team.
    Tag,
}

impl AttributeKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Zone,
        Self::Owner,
        Self::Criticality,
        Self::Exposed,
        Self::Scope,
        Self::Window,
        Self::Tag,
    ];

    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Owner => "owner",
            Self::Criticality => "criticality",
            Self::Exposed => "exposed",
            Self::Scope => "scope",
            Self::Window => "window",
            Self::Tag => "tag",
        }
    }
}

/// A text is no value of that attribute; the message says what is expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAnAttribute(pub(crate) String);

impl Attribute {
    /// Which one it is.
    pub const fn kind(&self) -> AttributeKind {
        match self {
            Self::Zone(_) => AttributeKind::Zone,
            Self::Owner(_) => AttributeKind::Owner,
            Self::Criticality(_) => AttributeKind::Criticality,
            Self::Exposed(_) => AttributeKind::Exposed,
            Self::Scope(_) => AttributeKind::Scope,
            Self::Window(_) => AttributeKind::Window,
            Self::Tag(_) => AttributeKind::Tag,
        }
    }

    /// Its value as text, which [`Self::parse`] reads back; `None` is "not known".
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Zone(text) | Self::Owner(text) => text.clone(),
            Self::Criticality(step) => step.map(|step| step.as_str().to_owned()),
            Self::Exposed(exposed) => exposed.map(|yes| if yes { "yes" } else { "no" }.to_owned()),
            Self::Scope(scope) => Some(scope.to_string()),
            Self::Window(window) => window.map(|window| window.to_string()),
            Self::Tag(tag) => Some(tag.clone()),
        }
    }

    /// An attribute from its text. The word `unknown` is no value where the values are a closed list.
    pub fn parse(kind: AttributeKind, text: Option<&str>) -> Result<Self, NotAnAttribute> {
        let wrong = |what: String| NotAnAttribute(what);
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let known = text.filter(|text| !text.eq_ignore_ascii_case("unknown"));
        let needed = || text.ok_or_else(|| wrong(format!("a {} needs a value", kind.as_str())));
        Ok(match kind {
            AttributeKind::Zone => Self::Zone(text.map(str::to_owned)),
            AttributeKind::Owner => Self::Owner(text.map(str::to_owned)),
            AttributeKind::Criticality => Self::Criticality(known.map(criticality).transpose()?),
            AttributeKind::Exposed => Self::Exposed(known.map(yes_or_no).transpose()?),
            AttributeKind::Scope => {
                Self::Scope(needed()?.parse().map_err(|e| wrong(format!("{e}")))?)
            }
            AttributeKind::Window => {
                let window = known.map(str::parse::<Window>).transpose();
                Self::Window(window.map_err(|e| wrong(format!("{e}")))?)
            }
            AttributeKind::Tag => Self::Tag(needed()?.to_owned()),
        })
    }
}

fn criticality(word: &str) -> Result<Criticality, NotAnAttribute> {
    Criticality::of_word(word).ok_or_else(|| {
        let expected = "no criticality (expected low, medium, high, very-high or unknown)";
        NotAnAttribute(format!("{expected}: {}", excerpt(word)))
    })
}

fn yes_or_no(word: &str) -> Result<bool, NotAnAttribute> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => Err(NotAnAttribute(format!(
            "neither yes nor no nor unknown: {}",
            excerpt(word)
        ))),
    }
}

/// The beginning of a text, for a message.
pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text[..end].escape_debug()),
        None => text.escape_debug().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_it_is_written() {
        use AttributeKind as K;
        let check = |kind: K, text: Option<&str>| {
            let attribute = Attribute::parse(kind, text).unwrap();
            assert_eq!(attribute.kind(), kind);
            assert_eq!(attribute.text().as_deref(), text, "{kind:?}");
        };
        check(K::Zone, Some("dmz"));
        check(K::Zone, None);
        check(K::Owner, Some("web operations"));
        check(K::Criticality, Some("very-high"));
        check(K::Criticality, None);
        check(K::Exposed, Some("yes"));
        check(K::Exposed, Some("no"));
        check(K::Exposed, None);
        check(K::Scope, Some("connected ..2026-03-01"));
        check(K::Window, Some("Thu 22:00 4h Europe/Berlin"));
        check(K::Window, None);
        check(K::Tag, Some("canary"));
    }

    #[test]
    fn other_words_are_told_what_is_expected() {
        let check = |kind: AttributeKind, text: Option<&str>, part: &str| {
            let error = Attribute::parse(kind, text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        check(AttributeKind::Criticality, Some("huge"), "very-high");
        check(AttributeKind::Exposed, Some("maybe"), "yes nor no");
        check(AttributeKind::Tag, None, "needs a value");
        check(AttributeKind::Scope, Some("inside"), "in, connected or out");
        check(AttributeKind::Window, Some("Thu"), "Thu 22:00 4h");
    }

    #[test]
    fn the_word_unknown_is_not_known() {
        let check =
            |kind, expected| assert_eq!(Attribute::parse(kind, Some("Unknown")).unwrap(), expected);
        check(AttributeKind::Exposed, Attribute::Exposed(None));
        check(AttributeKind::Criticality, Attribute::Criticality(None));
        check(AttributeKind::Zone, Attribute::Zone(Some("Unknown".into())));
    }
}
