//! Suppressions: who set which findings aside, why, and until when (`.daywatch.toml`, docs/guide/suppressions.md).
//!
//! ```toml
//! [[suppress]]
//! id = "CVE-2024-1234"          # or a list; aliases count
//! package = "zlib*"             # optional, as are ecosystem, version and target
//! owner = "platform team"
//! reason = "not reachable: the service runs without compression"
//! until = 2026-12-31            # through the end of that day, UTC
//! unless = "kev or epss>=0.5"   # optional: a gate expression that voids it
//! ```
//!
//! Nothing is set aside for ever and nothing silently: an entry without an end, an owner or a reason, or with a key nobody
//! reads, is refused with a note; expired, voided and unused entries are noted when they are applied.
//!
//! A fleet keeps its own ([`Record`]): an entry and the hosts it is about, which remembers the facts it rests on and voids itself
//! when they change ([`evaluate()`]).

mod evaluate;
mod held;
mod imported;
mod read;
mod record;
mod rule;
mod wire;

use std::collections::BTreeMap;

use base::{Level, Note, Parsed};
use jiff::{SignedDuration, Timestamp};

use crate::finding::Finding;
use imported::Format;
use rule::Rule;

pub use evaluate::{Evaluated, evaluate};
pub use held::{Fact, Void};
pub use record::{Record, Request};
pub use wire::SUPPRESSION_RECORD_BYTES;

pub use read::{SUPPRESSION_BYTES, SUPPRESSION_IDS, SUPPRESSION_RULES, SUPPRESSION_TEXT};

/// An end further away than this is noted: it is an open end in all but name.
const FAR_DAYS: i64 = 366;

/// A finding set aside, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Who answers for it: a role or a team.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// Until when, the last second; `None` only for an entry that another tool's ignore file gives no end.
    pub until: Option<Timestamp>,
    /// What it covers, in words: `CVE-2024-1234 on package zlib1g`.
    pub scope: String,
}

/// The entries of one file, and what was noted while reading them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    file: String,
    rules: Vec<Rule>,
    by_id: BTreeMap<String, Vec<usize>>,
    notes: Vec<Note>,
}

/// Findings after suppression.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// Those no entry sets aside, in their order.
    pub kept: Vec<Finding>,
    /// Those set aside, in their order, and by what.
    pub suppressed: Vec<(Finding, Suppression)>,
    /// What was noted while the file was read, then what there is to say of expired, voided and unused entries.
    pub notes: Vec<Note>,
}

/// What one entry did to the findings it names.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    named: usize,
    voided: usize,
}

impl Rules {
    /// Reads a file. An entry that cannot be trusted word for word sets nothing aside; the notes say what to add.
    pub fn parse(file: &str, bytes: &[u8]) -> Self {
        let read = match read::text_of(bytes) {
            Ok(text) => match Format::of(file, text) {
                Some(format) => format.read(text, file),
                None => read::read(text),
            },
            Err(note) => Parsed {
                value: Vec::new(),
                notes: vec![note],
            },
        };
        let mut by_id: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, rule) in read.value.iter().enumerate() {
            for id in &rule.ids {
                by_id.entry(id.to_ascii_uppercase()).or_default().push(at);
            }
        }
        Self {
            file: file.to_owned(),
            rules: read.value,
            by_id,
            notes: read
                .notes
                .into_iter()
                .map(|note| note.in_file(file))
                .collect(),
        }
    }

    /// How many entries can set something aside.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether no entry can set anything aside.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What was noted while the file was read.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Sets findings aside: the first entry of the file that names a finding, has not ended and is not void takes it.
    pub fn apply(&self, findings: Vec<Finding>, now: Timestamp) -> Applied {
        let mut applied = Applied {
            notes: self.notes.clone(),
            ..Applied::default()
        };
        let mut tallies = vec![Tally::default(); self.rules.len()];
        for finding in findings {
            match self.suppression(&finding, now, &mut tallies) {
                Some(rule) => {
                    let suppression = suppression_of(rule);
                    applied.suppressed.push((finding, suppression));
                }
                None => applied.kept.push(finding),
            }
        }
        let said = self
            .rules
            .iter()
            .zip(&tallies)
            .filter_map(|(rule, tally)| self.say(rule, *tally, now));
        applied.notes.extend(said);
        applied
    }

    fn suppression(
        &self,
        finding: &Finding,
        now: Timestamp,
        tallies: &mut [Tally],
    ) -> Option<&Rule> {
        let mut taken = None;
        for at in self.named_by(finding) {
            let rule = &self.rules[at];
            if !rule.covers(finding) {
                continue;
            }
            tallies[at].named += 1;
            if rule.has_ended(now) {
                continue;
            }
            if rule
                .unless
                .as_ref()
                .is_some_and(|gate| gate.verdict(finding, now).is_some())
            {
                tallies[at].voided += 1;
                continue;
            }
            taken = taken.or(Some(rule));
        }
        taken
    }

    /// Whether any entry names an id of the finding. What none names is not set aside, whatever else it is.
    pub fn names(&self, finding: &Finding) -> bool {
        !self.named_by(finding).is_empty()
    }

    /// The entries that name any id of a finding, in the order of the file.
    fn named_by(&self, finding: &Finding) -> Vec<usize> {
        let cves = finding.cves.iter().map(ToString::to_string);
        let ids = [&finding.id]
            .into_iter()
            .chain(&finding.aliases)
            .cloned()
            .chain(cves);
        let mut list: Vec<usize> = ids
            .filter_map(|id| self.by_id.get(&id.to_ascii_uppercase()))
            .flatten()
            .copied()
            .collect();
        list.sort_unstable();
        list.dedup();
        list
    }

    fn say(&self, rule: &Rule, tally: Tally, now: Timestamp) -> Option<Note> {
        let (level, what) = if rule.has_ended(now) {
            let back = match tally.named {
                0 => "it names no finding any more: remove it".to_owned(),
                1 => "1 finding is back".to_owned(),
                n => format!("{n} findings are back"),
            };
            (
                Level::Warning,
                format!(
                    "suppression expired {}: {}; {back}",
                    rule.until_text,
                    rule.words()
                ),
            )
        } else if tally.voided > 0 {
            let gate = rule
                .unless
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            let what = format!(
                "suppression void for {} of {} findings, `unless` {gate}: {}",
                tally.voided,
                tally.named,
                rule.words()
            );
            (Level::Warning, what)
        } else if tally.named == 0 {
            (
                Level::Info,
                format!("suppression unused, it names no finding: {}", rule.words()),
            )
        } else if rule.ends.is_some_and(|ends| ends > far(now)) {
            let what = format!(
                "suppression ends in more than {FAR_DAYS} days, on {}: {}",
                rule.until_text,
                rule.words()
            );
            (Level::Info, what)
        } else {
            return None;
        };
        Some(
            Note::new(level, what)
                .in_file(self.file.as_str())
                .at_line(rule.line),
        )
    }
}

fn far(now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(24 * FAR_DAYS))
        .unwrap_or(Timestamp::MAX)
}

fn suppression_of(rule: &Rule) -> Suppression {
    Suppression {
        owner: rule.owner.clone(),
        reason: rule.reason.clone(),
        until: rule.until,
        scope: rule.scope(),
    }
}

#[cfg(test)]
mod fleet_tests;
#[cfg(test)]
mod imported_tests;
#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::finding::SsvcPoints;
    use crate::sample::{at, blocks, epss, finding, kev, now};

    /// An entry that is complete, with more lines.
    fn entry(more: &str) -> String {
        format!(
            "[[suppress]]\nid = \"CVE-2026-0001\"\nowner = \"platform team\"\nreason = \"not reachable\"\nuntil = 2026-12-31\n{more}\n"
        )
    }

    fn found(package: &str) -> Finding {
        finding("CVE-2026-0001", "Debian:12", package, "1.2-1")
    }

    fn apply(toml: &str, findings: Vec<Finding>) -> Applied {
        Rules::parse(".daywatch.toml", toml.as_bytes()).apply(findings, now())
    }

    /// Which of the findings are set aside, and the notes as printed.
    fn check(toml: &str, findings: Vec<Finding>, suppressed: &[&str], notes: &[&str]) {
        let applied = apply(toml, findings);
        let names: Vec<&str> = applied
            .suppressed
            .iter()
            .map(|(f, _)| f.package.as_str())
            .collect();
        assert_eq!(names, suppressed, "{toml}");
        let said: Vec<String> = applied.notes.iter().map(ToString::to_string).collect();
        assert_eq!(said, notes, "{toml}");
    }

    fn check_refused(toml: &str, note: &str) {
        let note = format!(".daywatch.toml:{note}");
        check(toml, vec![found("a")], &[], &[&note]);
    }

    #[test]
    fn an_entry_says_who_why_until_when_and_on_what() {
        let applied = apply(
            &entry("package = \"zlib*\"\ntarget = \"web-*\""),
            vec![found("zlib1g"), found("curl")],
        );
        assert_eq!(applied.kept, [found("curl")]);
        let expected = Suppression {
            owner: "platform team".to_owned(),
            reason: "not reachable".to_owned(),
            until: Some(at("2026-12-31T23:59:59Z")),
            scope: "CVE-2026-0001 on package zlib*, target web-*".to_owned(),
        };
        assert_eq!(applied.suppressed, [(found("zlib1g"), expected)]);
        assert_eq!(applied.notes, []);
    }

    #[test]
    fn any_id_of_a_finding_counts_in_any_case() {
        let ghsa = Finding {
            id: "GHSA-aaaa-bbbb-cccc".to_owned(),
            aliases: vec!["PYSEC-2026-7".to_owned()],
            ..found("a")
        };
        let with_id = |id: &str| entry("").replace("\"CVE-2026-0001\"", id);
        check(
            &with_id("\"ghsa-AAAA-bbbb-cccc\""),
            vec![ghsa.clone()],
            &["a"],
            &[],
        );
        check(
            &with_id("\"PYSEC-2026-7\""),
            vec![ghsa.clone()],
            &["a"],
            &[],
        );
        check(
            &with_id("[\"CVE-1999-0001\", \"cve-2026-0001\"]"),
            vec![ghsa.clone()],
            &["a"],
            &[],
        );
        let unused = ".daywatch.toml:1: suppression unused, it names no finding: CVE-2026-00011 (owner: platform team, reason: not reachable)";
        check(&with_id("\"CVE-2026-00011\""), vec![ghsa], &[], &[unused]);
    }

    #[test]
    fn every_condition_narrows_an_entry() {
        let unused = |more: &str, finding: Finding| {
            let applied = apply(&entry(more), vec![finding]);
            assert_eq!(
                (applied.suppressed.len(), applied.notes.len()),
                (0, 1),
                "{more}"
            );
        };
        let used = |more: &str, finding: Finding| {
            let applied = apply(&entry(more), vec![finding]);
            assert_eq!(
                (applied.suppressed.len(), applied.notes.len()),
                (1, 0),
                "{more}"
            );
        };
        used("ecosystem = \"debian\"", found("a"));
        used("ecosystem = \"Debian:12\"", found("a"));
        unused("ecosystem = \"Debian:11\"", found("a"));
        unused("ecosystem = \"npm\"", found("a"));
        used("version = \"1.2-1\"", found("a"));
        used("version = \"0:1.2-1\"", found("a"));
        unused("version = \"1.2\"", found("a"));
        used("host = \"WEB-1\"", found("a"));
        unused("host = \"web\"", found("a"));
        unused("package = \"b\"", found("a"));
        used(
            "package = \"b\"",
            Finding {
                source_package: Some("b".to_owned()),
                ..found("a")
            },
        );
    }

    #[test]
    fn a_date_lasts_through_the_end_of_its_day_in_utc() {
        let holds = |until: &str, time: &str| {
            let toml = entry("").replace("2026-12-31", until);
            !Rules::parse("f", toml.as_bytes())
                .apply(vec![found("a")], at(time))
                .suppressed
                .is_empty()
        };
        assert!(holds("2026-12-31", "2026-12-31T23:59:59.999Z"));
        assert!(!holds("2026-12-31", "2027-01-01T00:00:00Z"));
        assert!(holds("\"2026-12-31\"", "2026-12-31T23:59:59Z"));
        assert!(holds("2026-12-31T10:00:00+02:00", "2026-12-31T07:59:59Z"));
        assert!(!holds("2026-12-31T10:00:00+02:00", "2026-12-31T08:00:00Z"));
        assert!(holds("2026-12-31T10:00:00", "2026-12-31T09:59:59Z"));
        assert!(!holds("2026-12-31 10:00:00Z", "2026-12-31T10:00:00Z"));
    }

    #[test]
    fn an_expired_entry_is_reported_and_sets_nothing_aside() {
        let expired = entry("").replace("2026-12-31", "2026-05-01");
        let said = |back: &str| {
            format!(
                ".daywatch.toml:1: suppression expired 2026-05-01: CVE-2026-0001 (owner: platform team, reason: not reachable); {back}"
            )
        };
        check(
            &expired,
            vec![found("a"), found("b")],
            &[],
            &[&said("2 findings are back")],
        );
        check(
            &expired,
            vec![],
            &[],
            &[&said("it names no finding any more: remove it")],
        );
        let renewed = format!("{expired}{}", entry(""));
        check(
            &renewed,
            vec![found("a")],
            &["a"],
            &[&said("1 finding is back")],
        );
    }

    #[test]
    fn a_suppression_is_void_when_its_condition_holds_or_is_unknown() {
        let toml = entry("unless = \"kev or epss >= 50%\"");
        let calm = || Finding {
            epss: Some(epss(0.01, 0.1)),
            ..found("calm")
        };
        let likely = Finding {
            epss: Some(epss(0.6, 0.9)),
            ..found("likely")
        };
        let listed = Finding {
            kev: Some(kev(None)),
            ..calm()
        };
        let void = ".daywatch.toml:1: suppression void for 3 of 4 findings, `unless` kev or epss>=0.5: \
                    CVE-2026-0001 (owner: platform team, reason: not reachable)";
        check(
            &toml,
            vec![calm(), likely, listed, found("unscored")],
            &["calm"],
            &[void],
        );
        check(&toml, vec![calm()], &["calm"], &[]);
    }

    #[test]
    fn an_end_that_is_years_away_is_noted() {
        let far = entry("").replace("2026-12-31", "9998-12-31");
        let note = ".daywatch.toml:1: suppression ends in more than 366 days, on 9998-12-31: \
                    CVE-2026-0001 (owner: platform team, reason: not reachable)";
        check(&far, vec![found("a")], &["a"], &[note]);
    }

    #[test]
    fn an_entry_that_lacks_something_is_refused_with_what_to_add() {
        let without = |key: &str| {
            entry("")
                .lines()
                .filter(|l| !l.starts_with(key))
                .collect::<Vec<_>>()
                .join("\n")
        };
        check_refused(
            &without("until"),
            "1: suppression refused: no end: add until = YYYY-MM-DD (nothing is set aside for ever)",
        );
        check_refused(
            &without("owner"),
            "1: suppression refused: no owner: add owner = \"the team that answers for it\"",
        );
        check_refused(
            &without("reason"),
            "1: suppression refused: no reason: add reason = \"why it is set aside\"",
        );
        check_refused(
            &without("id"),
            "1: suppression refused: no id: add id = \"CVE-…\" (a package alone would hide tomorrow's advisories too)",
        );
    }

    #[test]
    fn an_entry_with_a_key_or_a_value_nobody_reads_is_refused() {
        check_refused(
            &entry("packge = \"zlib1g\""),
            "6: suppression refused: unknown key: packge (keys are id, package, ecosystem, version, target, owner, reason, until, unless)",
        );
        check_refused(
            &entry("package = 7"),
            "6: suppression refused: package is of type integer: write package = \"…\"",
        );
        check_refused(
            &entry("package = \" \""),
            "6: suppression refused: package is empty",
        );
        check_refused(
            &entry("target = \"a\"\nhost = \"b\""),
            "6: suppression refused: target and host are the same key: write one of them",
        );
        check_refused(
            &entry("unless = \"kev or\""),
            "6: suppression refused: unless, character 7: expected a field, `not` or `(`",
        );
        let with_until = |until: &str| entry("").replace("2026-12-31", until);
        check_refused(
            &with_until("\"never\""),
            "5: suppression refused: until is not a date: never (write until = YYYY-MM-DD, or an RFC 3339 time)",
        );
        check_refused(
            &with_until("10:00:00"),
            "5: suppression refused: until is not a date: 10:00:00 (write until = YYYY-MM-DD, or an RFC 3339 time)",
        );
        check_refused(
            &entry("").replace("CVE-2026-0001", "CVE-2026-*"),
            "2: suppression refused: id is a pattern: CVE-2026-* (write each id out)",
        );
        check_refused(
            "suppress = 1",
            "1: suppress is of type integer, not a list of tables",
        );
        check_refused(
            "suppress = [1]",
            "1: suppression refused: an entry is a table, not of type integer",
        );
        check_refused(
            "[[supress]]\nid = \"CVE-2026-0001\"",
            "1: unknown key: supress (entries are written as [[suppress]])",
        );
    }

    #[test]
    fn one_bad_entry_costs_only_itself() {
        let bad = entry("package = zlib1g").replace("2026-0001", "2026-0002");
        let toml = format!(
            "{}{bad}{}",
            entry("package = \"a\""),
            entry("package = \"c\"")
        );
        let mut other = found("b");
        other.id = "CVE-2026-0002".to_owned();
        other.cves.clear();
        let applied = apply(&toml, vec![found("a"), other, found("c")]);
        let names: Vec<&str> = applied
            .suppressed
            .iter()
            .map(|(f, _)| f.package.as_str())
            .collect();
        assert_eq!(names, ["a", "c"], "{:?}", applied.notes);
        assert!(
            applied
                .notes
                .iter()
                .any(|n| n.line == Some(12) && n.what.starts_with("not TOML")),
            "{:?}",
            applied.notes
        );
        assert!(
            applied
                .notes
                .iter()
                .any(|n| n.what == "suppression refused: it is not TOML"),
            "{:?}",
            applied.notes
        );
    }

    #[test]
    fn one_table_is_one_entry_and_an_inline_list_works_too() {
        check(
            &entry("").replace("[[suppress]]", "[suppress]"),
            vec![found("a")],
            &["a"],
            &[],
        );
        let inline = "suppress = [{ id = \"CVE-2026-0001\", owner = \"o\", reason = \"r\", until = 2026-12-31 }]";
        check(inline, vec![found("a")], &["a"], &[]);
    }

    #[test]
    fn files_that_cannot_be_read_set_nothing_aside() {
        let parse = |bytes: &[u8]| Rules::parse("f", bytes);
        assert!(parse(&[0xff, 0xfe]).notes()[0].what.contains("not UTF-8"));
        let large = vec![b' '; SUPPRESSION_BYTES.max as usize + 1];
        assert_eq!(parse(&large).notes()[0].limit, Some(SUPPRESSION_BYTES));
        assert!(parse(b"").is_empty() && parse(b"").notes().is_empty());
        assert_eq!(parse(format!("\u{feff}{}", entry("")).as_bytes()).len(), 1);
    }

    #[test]
    fn numbers_and_lengths_are_bounded() {
        let many = entry("").repeat(SUPPRESSION_RULES.max as usize + 1);
        let rules = Rules::parse("f", many.as_bytes());
        assert_eq!(
            (rules.len() as u64, rules.notes()[0].limit),
            (SUPPRESSION_RULES.max, Some(SUPPRESSION_RULES))
        );
        let long = entry(&format!("package = \"{}\"", "a".repeat(2001)));
        assert_eq!(
            Rules::parse("f", long.as_bytes()).notes()[0].limit,
            Some(SUPPRESSION_TEXT)
        );
        let ids = entry("").replace(
            "\"CVE-2026-0001\"",
            &format!("[{}]", "\"X-1\",".repeat(1001)),
        );
        assert_eq!(
            Rules::parse("f", ids.as_bytes()).notes()[0].limit,
            Some(SUPPRESSION_IDS)
        );
    }

    const GUIDE: &str = include_str!("../../../docs/guide/suppressions.md");

    /// The finding the guide speaks of.
    fn of_the_guide() -> Finding {
        let ssvc = SsvcPoints {
            exploitation: Some("none"),
            automatable: None,
            total_impact: None,
            source: "test".to_owned(),
        };
        Finding {
            ssvc: Some(ssvc),
            ..finding("CVE-2024-1234", "Debian:12", "zlib1g", "1.2-1")
        }
    }

    #[test]
    fn the_entries_of_the_guide_do_what_it_says() {
        let entries = blocks(GUIDE, "toml suppresses=CVE-2024-1234");
        assert_eq!(entries.len(), 2);
        for (more, toml) in entries {
            check(toml, vec![of_the_guide()], &["zlib1g"], &[]);
            let listed = Finding {
                kev: Some(kev(None)),
                ..of_the_guide()
            };
            let is_void = apply(toml, vec![listed]).suppressed.is_empty();
            assert_eq!(is_void, more == "void-when-exploited", "{toml}");
        }
    }

    #[test]
    fn the_entries_the_guide_warns_of_are_refused() {
        let entries = blocks(GUIDE, "toml refused=");
        assert_eq!(entries.len(), 2);
        for (key, toml) in entries {
            let applied = apply(toml, vec![of_the_guide()]);
            assert_eq!(applied.suppressed, [], "{toml}");
            assert!(applied.notes[0].what.contains(key), "{:?}", applied.notes);
        }
    }

    #[test]
    fn the_guide_lists_every_key() {
        for key in read::KEYS.split(", ") {
            assert!(GUIDE.contains(&format!("| `{key}`")), "{key}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Rules::parse("f", &bytes).apply(vec![found("a")], now());
        }

        #[test]
        fn a_damaged_file_never_sets_more_aside(cut in 0usize..400, insert in "[\\[\\]=\" \na-z0-9]{0,3}") {
            let toml = format!("{}{}", entry("package = \"a\""), entry("target = \"db-*\""));
            let cut = cut.min(toml.len());
            let mut damaged = toml.clone();
            damaged.insert_str(cut, &insert);
            for (f, _) in apply(&damaged, vec![found("z")]).suppressed {
                prop_assert!(false, "{} set aside by\n{damaged}", f.package);
            }
        }

        #[test]
        fn every_finding_is_kept_or_set_aside_once(packages in proptest::collection::vec("[a-c]", 0..8)) {
            let findings: Vec<Finding> = packages.iter().map(|p| found(p)).collect();
            let applied = apply(&entry("package = \"a\""), findings.clone());
            prop_assert_eq!(applied.kept.len() + applied.suppressed.len(), findings.len());
            prop_assert!(applied.kept.iter().all(|f| f.package != "a"));
            prop_assert!(applied.suppressed.iter().all(|(f, _)| f.package == "a"));
        }
    }
}
