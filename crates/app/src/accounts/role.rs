//! Roles, and what each may do. Nothing is allowed that is not in this table.

use crate::error::{Failure, Result};

/// What somebody may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Explains, suppresses, answers questions.
    Analyst,
    /// Works off patches.
    Patcher,
    /// Handles incidents.
    Responder,
    /// Collects evidence.
    Compliance,
    /// Runs the training.
    Trainer,
    /// Reads everything, the audit chain too, and changes nothing.
    Auditor,
    /// Runs the program: accounts, feeds, settings.
    Admin,
    /// A program on a host, which reports that host and nothing else.
    Agent,
}

/// What can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// See hosts, findings, patches, advisories and briefings, as far as one's sight goes.
    ReadFleet,
    /// See the audit chain and who has which account.
    ReadAudit,
    /// Suppress, mitigate, answer questions, write local advisories.
    Decide,
    /// Take patches on, and say that they are done.
    Patch,
    /// Bring hosts in, take them out, say what they are.
    ChangeHosts,
    /// Fetch feeds, run and retry jobs, change settings.
    Operate,
    /// Make, change and lock accounts and tokens of others.
    ManagePeople,
    /// Report the host it runs on.
    Report,
}

use Permission::{ChangeHosts, Decide, ManagePeople, Operate, Patch, ReadAudit, ReadFleet, Report};

impl Role {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Viewer,
        Self::Analyst,
        Self::Patcher,
        Self::Responder,
        Self::Compliance,
        Self::Trainer,
        Self::Auditor,
        Self::Admin,
        Self::Agent,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Patcher => "patcher",
            Self::Responder => "responder",
            Self::Compliance => "compliance",
            Self::Trainer => "trainer",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::Agent => "agent",
        }
    }

    /// The role of a word.
    pub fn named(word: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == word);
        found.ok_or_else(|| {
            let words: Vec<&str> = Self::ALL.iter().map(|role| role.as_str()).collect();
            Failure::usage(format!("{word:?} is no role"))
                .hint(format!("roles: {}", words.join(", ")))
        })
    }

    /// What it may.
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Viewer | Self::Trainer => &[ReadFleet],
            Self::Analyst | Self::Responder => &[ReadFleet, Decide, ChangeHosts],
            Self::Patcher => &[ReadFleet, Patch],
            Self::Compliance | Self::Auditor => &[ReadFleet, ReadAudit],
            Self::Admin => &[
                ReadFleet,
                ReadAudit,
                Decide,
                Patch,
                ChangeHosts,
                Operate,
                ManagePeople,
            ],
            Self::Agent => &[Report],
        }
    }
}

/// The roles in a text, words separated by spaces; what is no role is refused.
pub fn roles(text: &str) -> Result<Vec<Role>> {
    let mut roles: Vec<Role> = text
        .split_whitespace()
        .map(Role::named)
        .collect::<Result<_>>()?;
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

/// The words of roles.
pub fn words(roles: &[Role]) -> String {
    let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_by_its_word() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.as_str()).ok(), Some(role));
        }
        let failure = Role::named("root").unwrap_err();
        assert!(failure.hint.contains("viewer, analyst"), "{}", failure.hint);
    }

    #[test]
    fn who_only_reads_changes_nothing() {
        for role in [Role::Viewer, Role::Trainer, Role::Auditor, Role::Compliance] {
            let reads = |p: &Permission| matches!(p, ReadFleet | ReadAudit);
            assert!(role.permissions().iter().all(reads), "{role:?}");
        }
    }

    #[test]
    fn an_agent_reports_and_reads_nothing() {
        assert_eq!(Role::Agent.permissions(), [Report]);
    }

    #[test]
    fn roles_are_read_sorted_and_once() {
        let read = roles(" patcher analyst patcher ").unwrap();
        assert_eq!(words(&read), "analyst patcher");
        assert!(roles("analyst root").is_err());
    }
}
