//! Who asks: what they may do, and which hosts they see.

use store::accounts::AccountId;
use store::people::PersonId;

use crate::accounts::role::{Permission, Role};

/// Whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Their account.
    pub account: AccountId,
    /// Who that is, for the audit chain.
    pub person: PersonId,
    /// Their login.
    pub login: String,
    /// What they are.
    pub roles: Vec<Role>,
    /// Which hosts they see.
    pub sight: Sight,
    /// How they came in.
    pub way: Way,
}

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A browser, by a session.
    Session,
    /// A program, by a token.
    Token,
}

/// Which hosts somebody sees: all, or those of some owners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sight {
    /// Every host.
    #[default]
    Everything,
    /// Those of these owners, and none of which nobody knows the owner.
    Owners(Vec<String>),
}

impl Caller {
    /// Whether one of their roles allows it.
    pub fn may(&self, permission: Permission) -> bool {
        self.roles
            .iter()
            .any(|role| role.permissions().contains(&permission))
    }
}

impl Sight {
    /// As the store keeps it: an owner a line, or nothing for everything.
    pub fn from_lines(lines: Option<&str>) -> Self {
        match lines {
            None => Self::Everything,
            Some(lines) => Self::Owners(lines.lines().map(str::to_owned).collect()),
        }
    }

    /// As the store keeps it.
    pub fn to_lines(&self) -> Option<String> {
        match self {
            Self::Everything => None,
            Self::Owners(owners) => Some(owners.join("\n")),
        }
    }

    /// Whether a host of this owner is seen.
    pub fn sees(&self, owner: Option<&str>) -> bool {
        match self {
            Self::Everything => true,
            Self::Owners(owners) => {
                owner.is_some_and(|owner| owners.iter().any(|one| one == owner))
            }
        }
    }

    /// What both see.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Everything, sight) | (sight, Self::Everything) => sight.clone(),
            (Self::Owners(one), Self::Owners(_)) => {
                let both = one.iter().filter(|owner| other.sees(Some(owner)));
                Self::Owners(both.cloned().collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(names: &[&str]) -> Sight {
        Sight::Owners(names.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn who_sees_some_owners_does_not_see_the_hosts_of_nobody() {
        let sight = owners(&["web"]);
        assert!(sight.sees(Some("web")));
        assert!(!sight.sees(Some("databases")));
        assert!(!sight.sees(None));
        assert!(Sight::Everything.sees(None));
    }

    #[test]
    fn a_token_never_sees_more_than_its_account() {
        assert_eq!(
            Sight::Everything.within(&owners(&["web"])),
            owners(&["web"])
        );
        assert_eq!(
            owners(&["web", "java"]).within(&owners(&["java", "databases"])),
            owners(&["java"])
        );
        assert_eq!(owners(&["web"]).within(&owners(&["java"])), owners(&[]));
    }

    #[test]
    fn sight_is_kept_as_lines() {
        for sight in [Sight::Everything, owners(&["web", "java team"])] {
            assert_eq!(Sight::from_lines(sight.to_lines().as_deref()), sight);
        }
    }
}
