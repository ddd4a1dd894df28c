//! A host's place in the scope of PCI DSS v4.0.1 (section 4: systems that hold card data, those connected to them or able to affect
//! their security, and the others), with the days it holds: an auditor asks about last quarter.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

/// A place in the scope, and for which days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The place.
    pub pci: Pci,
    /// The first day; `None`: since ever.
    pub from: Option<Date>,
    /// The last day, included; `None`: until further notice.
    pub until: Option<Date>,
}

/// A place in the scope of PCI DSS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pci {
    /// Stores, processes or transmits card data.
    In,
    /// Connected to such a system, or able to affect its security.
    Connected,
    /// Neither.
    Out,
}

impl Pci {
    /// Every place.
    pub const ALL: [Self; 3] = [Self::In, Self::Connected, Self::Out];

    /// The word of the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Connected => "connected",
            Self::Out => "out",
        }
    }
}

impl Scope {
    /// A place until further notice.
    pub const fn always(pci: Pci) -> Self {
        Self {
            pci,
            from: None,
            until: None,
        }
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.pci.as_str())?;
        if self.from.is_none() && self.until.is_none() {
            return Ok(());
        }
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        write!(f, " {}..{}", day(self.from), day(self.until))
    }
}

/// The text is no place in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a scope (expected in, connected or out, and perhaps days: in 2026-01-01..2026-12-31)")]
pub struct NotAScope;

impl FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        let mut words = text.split_whitespace();
        let word = words.next().ok_or(NotAScope)?;
        let mut all = Pci::ALL.into_iter();
        let pci = all.find(|pci| pci.as_str().eq_ignore_ascii_case(word));
        let mut scope = Self::always(pci.ok_or(NotAScope)?);
        if let Some(days) = words.next() {
            let (from, until) = days.split_once("..").ok_or(NotAScope)?;
            let day = |text: &str| match text {
                "" => Ok(None),
                text => text.parse().map(Some).map_err(|_| NotAScope),
            };
            (scope.from, scope.until) = (day(from)?, day(until)?);
        }
        let is_backwards =
            matches!((scope.from, scope.until), (Some(from), Some(until)) if until < from);
        let is_whole = words.next().is_none() && !is_backwards;
        is_whole.then_some(scope).ok_or(NotAScope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for text in [
            "in",
            "connected",
            "out",
            "in 2026-01-01..",
            "out ..2026-12-31",
            "in 2026-01-01..2026-01-01",
        ] {
            assert_eq!(text.parse::<Scope>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "inside",
            "in 2026-01-01",
            "in 2026-02-30..",
            "in 2026-02-02..2026-02-01",
            "in .. more",
        ] {
            assert_eq!(text.parse::<Scope>(), Err(NotAScope), "{text:?}");
        }
    }
}
