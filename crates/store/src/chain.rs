//! The audit chain: each entry of the log as one line of text that carries the hash of the line ahead. Whoever has the lines can
//! check them with `sha256sum` and without us; docs/reference/audit.md says byte for byte how.

use base::Digest;
use jiff::Timestamp;

/// The first field of every line.
const FORMAT: &str = "daywatch.audit/1";

/// What the first entry carries for the hash of the one ahead.
pub(crate) const NOTHING: Digest = Digest([0; 32]);

/// An entry of the log as the chain has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its place, from 1, without gaps.
    pub sequence: u64,
    /// When we learned it; whole microseconds.
    pub at: Timestamp,
    /// `report`, `removal`, `catalog`, or the kind of an act.
    pub kind: String,
    /// What it is about: a host (`h17`), the digest of a catalog, the number of a record.
    pub subject: String,
    /// What it did to findings.
    pub summary: Summary,
    /// SHA-256 of the whole entry in canonical bytes.
    pub body: Digest,
    /// Who: `program:NAME`, or `person:NUMBER:DIGEST`, never a name.
    pub actor: String,
    /// The hash of the entry ahead; zeros for the first.
    pub previous: Digest,
    /// The hash of this one.
    pub hash: Digest,
}

/// What an entry did to findings, in numbers and as the digest of its sorted transitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Findings that opened.
    pub opened: u64,
    /// Findings that closed.
    pub closed: u64,
    /// Findings that opened again.
    pub reopened: u64,
    /// SHA-256 of the transitions.
    pub transitions: Digest,
}

impl Summary {
    /// Of an entry that changes no finding.
    pub fn nothing() -> Self {
        Self {
            opened: 0,
            closed: 0,
            reopened: 0,
            transitions: Digest::of(b""),
        }
    }
}

/// The newest entry, by which all that is ahead of it can be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its place; 0 for a log without entries.
    pub sequence: u64,
    /// Its hash; zeros for a log without entries.
    pub hash: Digest,
}

impl Link {
    /// The fields that are hashed, with a tab between them and no end of line.
    pub(crate) fn hashed_line(&self) -> String {
        let Summary {
            opened,
            closed,
            reopened,
            transitions,
        } = &self.summary;
        let Self {
            sequence,
            at,
            kind,
            subject,
            body,
            actor,
            previous,
            ..
        } = self;
        format!(
            "{FORMAT}\t{sequence}\t{at:.6}\t{kind}\t{subject}\t{opened}\t{closed}\t{reopened}\t{transitions}\t{body}\t{actor}\t{previous}"
        )
    }

    /// The line as it is handed out: the hashed fields, a tab, and their hash.
    pub fn line(&self) -> String {
        format!("{}\t{}", self.hashed_line(), self.hash)
    }

    /// With the hash that belongs to it.
    pub(crate) fn sealed(mut self) -> Self {
        self.hash = Digest::of(self.hashed_line().as_bytes());
        self
    }

    pub(crate) fn head(&self) -> Head {
        Head {
            sequence: self.sequence,
            hash: self.hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Oracle: `printf … | sha256sum` of coreutils.
    #[test]
    fn a_line_is_hashed_as_it_is_documented() {
        let link = Link {
            sequence: 1,
            at: "2026-11-24T08:00:00.25Z".parse().unwrap(),
            kind: "report".to_owned(),
            subject: "h0".to_owned(),
            summary: Summary {
                opened: 3,
                ..Summary::nothing()
            },
            body: Digest([0xab; 32]),
            actor: "program:agent".to_owned(),
            previous: NOTHING,
            hash: NOTHING,
        };
        let link = link.sealed();
        assert!(link.hashed_line().starts_with(
            "daywatch.audit/1\t1\t2026-11-24T08:00:00.250000Z\treport\th0\t3\t0\t0\te3b0c442"
        ));
        assert_eq!(
            link.hash.to_string(),
            "6f22671afd42e32fc7ded6af4f88e1abc7c2fa04a1bb29a475ae28c3cc29e2b5"
        );
    }
}
