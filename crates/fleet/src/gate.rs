//! `--fail-on`: a small expression over findings, evaluated in Kleene's three-valued logic
//! (<https://en.wikipedia.org/wiki/Three-valued_logic#Kleene_and_Priest_logics>).
//!
//! `severity>=high and not kev` is true, false or unknown for a finding; unknown counts as a hit, also under `not`, so an
//! advisory nobody has scored fails closed and [`GateResult::explanation`] says so. Fields are the table in `gate/fields.rs`,
//! the grammar is in `gate/parse.rs`; docs/guide/gate.md is the page for users.

mod expr;
mod fields;
mod parse;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::finding::Finding;
use expr::Expr;

pub use parse::{GATE_BYTES, GATE_DEPTH, GateError};

/// A parsed `--fail-on` expression. Its text ([`fmt::Display`]) parses to an equal gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    expr: Expr,
}

/// Why a finding stops the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The expression is true.
    Hit,
    /// A fact the expression needs is unknown.
    Unknown,
}

/// What a gate says of a list of findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateResult {
    /// Index into the findings given, in their order, and why.
    pub hits: Vec<(usize, Verdict)>,
    /// One line for people: how many, and which unknown facts counted as hits.
    pub explanation: String,
}

impl GateResult {
    /// Whether the gate was hit at all (exit code 1).
    pub fn is_hit(&self) -> bool {
        !self.hits.is_empty()
    }
}

impl Gate {
    /// Reads an expression. The error shows where, what was expected and the fields there are.
    pub fn parse(text: &str) -> Result<Self, GateError> {
        parse::parse(text).map(|expr| Self { expr })
    }

    /// The fields an expression may use, each with one line about it, for help texts.
    pub fn fields() -> impl Iterator<Item = (&'static str, &'static str)> {
        fields::FIELDS.iter().map(|field| (field.name, field.about))
    }

    /// Whether it asks what an earlier scan had: without one, `new` is unknown of every finding.
    pub fn needs_baseline(&self) -> bool {
        self.expr.uses("new")
    }

    /// What it says of one finding; `None` when it does not hold.
    pub fn verdict(&self, finding: &Finding, now: Timestamp) -> Option<Verdict> {
        match self.expr.holds(finding, now) {
            Some(true) => Some(Verdict::Hit),
            // A notice ("unmaintained") is unscored by its nature, which is no reason to stop a build.
            None if finding.informational.is_some() => None,
            None => Some(Verdict::Unknown),
            Some(false) => None,
        }
    }

    /// What it says of every finding; `now` is what deadlines are compared with.
    pub fn check(&self, findings: &[Finding], now: Timestamp) -> GateResult {
        let hits: Vec<(usize, Verdict)> = findings
            .iter()
            .enumerate()
            .filter_map(|(at, finding)| self.verdict(finding, now).map(|verdict| (at, verdict)))
            .collect();
        let explanation = self.explain(findings, &hits, now);
        GateResult { hits, explanation }
    }

    fn explain(&self, findings: &[Finding], hits: &[(usize, Verdict)], now: Timestamp) -> String {
        let total = count(findings.len(), "finding");
        if hits.is_empty() {
            return format!("{self}: not hit by {total}");
        }
        let mut missing: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut unknown = 0;
        for (at, _) in hits
            .iter()
            .filter(|(_, verdict)| *verdict == Verdict::Unknown)
        {
            unknown += 1;
            for name in self.expr.unknown_fields(&findings[*at], now) {
                *missing.entry(name).or_default() += 1;
            }
        }
        let mut line = format!("{self}: hit by {} of {total}", hits.len());
        if unknown > 0 {
            let named: Vec<String> = missing
                .iter()
                .map(|(name, n)| format!("{name}: {n}"))
                .collect();
            line += &format!(
                "; {unknown} of them because a fact is unknown ({})",
                named.join(", ")
            );
        }
        line
    }
}

impl FromStr for Gate {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        Self::parse(text)
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use base::Severity;
    use matching::FixState;
    use proptest::prelude::*;
    use risk::policy::{Action, UsedFact};

    use super::*;
    use crate::finding::SsvcPoints;
    use crate::sample::{at, blocks, cvss, decided, decision, epss, finding, kev, now};

    const HIT: Option<Verdict> = Some(Verdict::Hit);
    const UNKNOWN: Option<Verdict> = Some(Verdict::Unknown);

    fn check(expression: &str, finding: &Finding, expected: Option<Verdict>) {
        let gate = Gate::parse(expression).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(gate.verdict(finding, now()), expected, "{expression}");
        assert_eq!(
            Gate::parse(&gate.to_string()).as_ref(),
            Ok(&gate),
            "{expression} printed as {gate}"
        );
    }

    fn check_error(expression: &str, at: usize, message: &str) {
        let error = Gate::parse(expression).expect_err(expression);
        assert_eq!(
            (error.at, error.message.as_str()),
            (at, message),
            "{expression}"
        );
    }

    fn plain() -> Finding {
        finding("CVE-2026-0001", "npm", "left-pad", "1.0.0")
    }

    #[test]
    fn severity_is_compared_by_rank() {
        let high = Finding {
            severity: Some(Severity::High),
            ..plain()
        };
        check("severity>=high", &high, HIT);
        check("severity > high", &high, None);
        check("severity = high", &high, HIT);
        check("severity==high", &high, HIT);
        check("severity!=high", &high, None);
        check("severity<critical", &high, HIT);
        check("SEVERITY >= Important", &high, HIT);
        check("severity>=moderate", &high, HIT);
    }

    #[test]
    fn an_unknown_fact_counts_as_a_hit_also_under_not() {
        check("severity>=high", &plain(), UNKNOWN);
        check("not severity>=high", &plain(), UNKNOWN);
        check("!(severity>=high)", &plain(), UNKNOWN);
        check("cvss>=7", &plain(), UNKNOWN);
        check("epss>=0.5", &plain(), UNKNOWN);
        check("fixable", &plain(), UNKNOWN);
        check("ssvc.automatable", &plain(), UNKNOWN);
        check("severity>=high and kev", &plain(), None);
        check("severity>=high or any", &plain(), HIT);
        check("not (severity>=high and any)", &plain(), UNKNOWN);
    }

    #[test]
    fn the_word_unknown_is_the_way_to_leave_unscored_findings_out() {
        check("severity=unknown", &plain(), HIT);
        check("severity!=unknown", &plain(), None);
        check("severity>=high and severity!=unknown", &plain(), None);
        check("decision=unknown", &plain(), HIT);
        check("fixable=unknown", &plain(), HIT);
        check("kev=unknown", &plain(), None);
    }

    #[test]
    fn not_binds_tighter_than_and_and_and_than_or() {
        let listed = Finding {
            kev: Some(kev(None)),
            ..plain()
        };
        check("any or kev and not any", &plain(), HIT);
        check("(any or kev) and not any", &plain(), None);
        check("not kev and kev", &listed, None);
        check("not (kev and not kev)", &listed, HIT);
        check("kev && !informational || overdue", &listed, HIT);
    }

    #[test]
    fn numbers_compare_as_the_feeds_write_them() {
        let scored = Finding {
            cvss: vec![cvss(75), cvss(98)],
            epss: Some(epss(0.97, 0.999)),
            ..plain()
        };
        check("cvss>=9.8", &scored, HIT);
        check("cvss>9.8", &scored, None);
        check("cvss=9.8", &scored, HIT);
        check("epss>=0.97", &scored, HIT);
        check("epss>0.97", &scored, None);
        check("epss=97%", &scored, HIT);
        check("epss_percentile>=0.9", &scored, HIT);
        check("epss-percentile<99%", &scored, None);
        check("epss<=1 and cvss<=10", &scored, HIT);
    }

    #[test]
    fn known_exploited_is_unknown_only_when_no_list_was_there() {
        let listed = |ransomware| Finding {
            kev: Some(kev(ransomware)),
            ..plain()
        };
        check("kev", &listed(None), HIT);
        check("kev=false", &listed(None), None);
        check("kev", &plain(), None);
        check("ransomware", &plain(), None);
        check("ransomware", &listed(None), UNKNOWN);
        check("kev.ransomware", &listed(Some(true)), HIT);
        check("ransomware", &listed(Some(false)), None);
        let mut blind = decision("bod", None);
        blind.facts.push(UsedFact {
            name: "kev".to_owned(),
            value: None,
            source: "no KEV feed".to_owned(),
            assumed: Some("no".to_owned()),
        });
        check("kev", &decided(plain(), vec![blind]), UNKNOWN);
    }

    #[test]
    fn a_deadline_is_compared_with_a_span_from_now() {
        let due = |text: &str| {
            decided(
                plain(),
                vec![
                    decision("late", Some(at("2026-12-01T00:00:00Z"))),
                    decision("p", Some(at(text))),
                ],
            )
        };
        check("decision<=14d", &due("2026-06-15T12:00:00Z"), HIT);
        check("decision<14d", &due("2026-06-15T12:00:00Z"), None);
        check("decision<=14d", &due("2026-06-15T12:00:01Z"), None);
        check("decision<=2w", &due("2026-05-01T00:00:00Z"), HIT);
        check("due<=24h", &due("2026-06-02T12:00:00Z"), HIT);
        check("decision>24h", &due("2026-06-02T12:00:00Z"), None);
        check("decision>=24h", &due("2026-06-02T12:00:00Z"), HIT);
        check("overdue", &due("2026-06-01T11:59:59Z"), HIT);
        check("overdue", &due("2026-06-01T12:00:00Z"), None);
        check("decision<=4294967295w", &due("2026-06-02T12:00:00Z"), HIT);
    }

    #[test]
    fn a_clock_that_cannot_start_may_be_any_date() {
        let rated = || Finding {
            severity: Some(Severity::Low),
            ..plain()
        };
        let on_upgrade = || {
            let mut d = decision("bod", None);
            d.actions = vec![Action::OnUpgrade];
            d
        };
        check(
            "decision<=14d",
            &decided(rated(), vec![decision("p", None)]),
            UNKNOWN,
        );
        check(
            "overdue",
            &decided(rated(), vec![decision("p", None)]),
            UNKNOWN,
        );
        check(
            "decision>14d",
            &decided(rated(), vec![decision("p", None)]),
            UNKNOWN,
        );
        check("decision<=14d", &decided(rated(), vec![on_upgrade()]), None);
        check("decision>14d", &decided(rated(), vec![on_upgrade()]), HIT);
        check("decision<=14d", &rated(), None);
        check("decision<=14d", &plain(), UNKNOWN);
        let late = || decision("q", Some(at("2026-12-01T00:00:00Z")));
        check(
            "decision<=14d",
            &decided(rated(), vec![decision("p", None), late()]),
            UNKNOWN,
        );
        check(
            "decision<=14d",
            &decided(rated(), vec![on_upgrade(), late()]),
            None,
        );
    }

    #[test]
    fn fixes_notices_and_ssvc_points_can_be_asked_for() {
        let fix = |fix_state| Finding {
            fix_state,
            ..plain()
        };
        check("fixable", &fix(FixState::Fixed), HIT);
        check("fixable", &fix(FixState::WontFix), None);
        check("fix_state=wont-fix", &fix(FixState::WontFix), HIT);
        check("fix-state = end_of_life", &fix(FixState::WontFix), None);
        check("fix_state=none", &fix(FixState::Unknown), UNKNOWN);
        let notice = Finding {
            informational: Some("unmaintained".to_owned()),
            ..plain()
        };
        check("not informational", &notice, None);
        let points = Finding {
            ssvc: Some(SsvcPoints {
                exploitation: Some("poc"),
                automatable: Some(true),
                total_impact: Some(false),
                source: "cisa-adp".to_owned(),
            }),
            ..plain()
        };
        check("exploitation>=poc", &points, HIT);
        check("ssvc.exploitation=active", &points, None);
        check("ssvc.automatable=yes", &points, HIT);
        check("ssvc.technical_impact=total", &points, None);
        check("technical_impact=partial", &points, HIT);
    }

    #[test]
    fn an_error_says_where_and_what_was_expected() {
        check_error("", 0, "expected a field, `not` or `(`");
        check_error(
            "severity",
            8,
            "expected a comparison after `severity`: one of >=, >, <=, <, =, !=",
        );
        check_error(
            "severity>=",
            10,
            "expected none, low, medium, high, critical or unknown after `severity>=`",
        );
        check_error(
            "severity>=huge",
            10,
            "expected none, low, medium, high, critical or unknown after `severity>=`",
        );
        check_error(
            "severity>=unknown",
            10,
            "expected none, low, medium, high, critical or unknown after `severity>=`",
        );
        check_error("severty>=high", 0, "no such field: severty");
        check_error("kev kev", 4, "expected `and`, `or` or the end");
        check_error("kev and", 7, "expected a field, `not` or `(`");
        check_error("(kev", 4, "expected `and`, `or` or `)`");
        check_error("kev)", 3, "a `)` that closes nothing");
        check_error("kev & any", 4, "not a part of an expression");
        check_error(
            "epss>=7",
            6,
            "expected a number from 0 to 1, or unknown, after `epss>=`",
        );
        check_error(
            "epss>=nan",
            6,
            "expected a number from 0 to 1, or unknown, after `epss>=`",
        );
        check_error(
            "cvss>=50%",
            6,
            "expected a number from 0 to 10, or unknown, after `cvss>=`",
        );
        check_error(
            "decision<=14",
            10,
            "expected a span such as 36h, 14d or 2w after `decision<=`",
        );
        check_error(
            "decision=14d",
            8,
            "`decision` does not take `=`: one of <=, <, >=, >",
        );
        check_error(
            "fix_state>none",
            9,
            "`fix_state` does not take `>`: one of =, !=",
        );
        check_error("kev>=1", 3, "`kev` does not take `>=`: one of =, !=");
        check_error("any=true", 3, "`any` does not take `=`: it stands alone");
        check_error("any=unknown", 3, "`any` does not take `=`: it stands alone");
        check_error("severity>=“high”", 10, "not a part of an expression");
    }

    #[test]
    fn an_error_is_shown_with_a_caret_and_the_fields() {
        let error = Gate::parse("kev or é\u{1b}").unwrap_err().to_string();
        assert!(
            error.starts_with(
                "not a part of an expression\n  kev or ??\n         ^\nfields: any, severity,"
            ),
            "{error}"
        );
        let shell = Gate::parse("kev or severity").unwrap_err().to_string();
        assert!(shell.contains("quote the expression"), "{shell}");
    }

    #[test]
    fn length_and_depth_are_bounded() {
        let deep = |n| format!("{}kev{}", "(".repeat(n), ")".repeat(n));
        assert!(Gate::parse(&deep(64)).is_ok());
        assert!(
            Gate::parse(&deep(65))
                .unwrap_err()
                .message
                .contains("gate-depth=64")
        );
        assert!(
            Gate::parse(&"not ".repeat(65))
                .unwrap_err()
                .message
                .contains("gate-depth=64")
        );
        assert!(
            Gate::parse(&" ".repeat(4097))
                .unwrap_err()
                .message
                .contains("gate-bytes=4096")
        );
        let wide = vec!["kev"; 500].join(" or ");
        assert_eq!(Gate::parse(&wide).unwrap().to_string(), wide);
    }

    #[test]
    fn the_result_names_hits_and_what_was_unknown() {
        let high = Finding {
            severity: Some(Severity::High),
            ..plain()
        };
        let low = Finding {
            severity: Some(Severity::Low),
            ..plain()
        };
        let gate = Gate::parse("severity>=high or epss>=0.9").unwrap();
        let result = gate.check(
            &[
                high.clone(),
                plain(),
                Finding {
                    epss: Some(epss(0.1, 0.1)),
                    ..low.clone()
                },
            ],
            now(),
        );
        assert_eq!(result.hits, [(0, Verdict::Hit), (1, Verdict::Unknown)]);
        assert_eq!(
            result.explanation,
            "severity>=high or epss>=0.9: hit by 2 of 3 findings; 1 of them because a fact is unknown (epss: 1, severity: 1)"
        );
        let clean = Gate::parse("severity>=high").unwrap().check(&[low], now());
        assert!(!clean.is_hit());
        assert_eq!(clean.explanation, "severity>=high: not hit by 1 finding");
    }

    const GUIDE: &str = include_str!("../../../docs/guide/gate.md");

    #[test]
    fn the_examples_of_the_guide_are_gates() {
        let examples: Vec<&str> = blocks(GUIDE, "gate")
            .iter()
            .flat_map(|(_, text)| text.lines())
            .collect();
        assert!(examples.len() >= 6, "{examples:?}");
        for example in examples {
            Gate::parse(example).unwrap_or_else(|e| panic!("{e}"));
        }
    }

    #[test]
    fn the_guide_says_what_holds_for_a_finding_without_scores() {
        let lines: Vec<&str> = blocks(GUIDE, "unscored")
            .iter()
            .flat_map(|(_, text)| text.lines())
            .collect();
        assert!(lines.len() >= 9, "{lines:?}");
        for line in lines {
            let (expression, says) = line.split_once('→').expect(line);
            let expected = match says.trim() {
                "hit" => HIT,
                "unknown" => UNKNOWN,
                "no" => None,
                other => panic!("{other}"),
            };
            check(expression.trim(), &plain(), expected);
        }
    }

    #[test]
    fn the_guide_lists_every_field() {
        for (name, about) in Gate::fields() {
            assert!(GUIDE.contains(&format!("| `{name}` |")), "{name}: {about}");
        }
    }

    fn any_finding() -> impl Strategy<Value = Finding> {
        let severity = proptest::option::of(proptest::sample::select(Severity::ALL.to_vec()));
        let score = proptest::option::of(0u8..=100);
        let share = proptest::option::of(0.0f32..=1.0);
        let by = proptest::option::of(proptest::option::of(-40i64..40));
        (severity, score, share, any::<bool>(), by).prop_map(
            |(severity, score, share, listed, by)| {
                let found = Finding {
                    severity,
                    cvss: score.into_iter().map(cvss).collect(),
                    epss: share.map(|s| epss(s, s)),
                    kev: listed.then(|| kev(None)),
                    ..plain()
                };
                let days = |d: i64| now() + jiff::SignedDuration::from_hours(24 * d);
                decided(
                    found,
                    by.into_iter()
                        .map(|by| decision("p", by.map(days)))
                        .collect(),
                )
            },
        )
    }

    fn expression() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            proptest::sample::select(vec![
                "any",
                "kev",
                "ransomware",
                "fixable",
                "overdue",
                "informational",
                "ssvc.automatable",
                "severity=unknown",
                "decision<=14d",
                "decision>=2w",
                "decision<36h",
                "fix_state!=wont-fix",
                "kev=no",
            ])
            .prop_map(str::to_owned),
            (
                proptest::sample::select(vec![">=", ">", "<=", "<", "=", "!="]),
                0usize..5
            )
                .prop_map(|(op, at)| format!("severity{op}{}", Severity::ALL[at])),
            (
                proptest::sample::select(vec![">=", ">", "<=", "<", "=", "!="]),
                0.0f32..1.0
            )
                .prop_map(|(op, number)| format!("epss {op} {number}")),
        ];
        leaf.prop_recursive(5, 40, 3, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} && {b}")),
                inner.prop_map(|a| format!("not ({a})")),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
            let _ = Gate::parse(&text).map_err(|e| e.to_string());
        }

        #[test]
        fn no_list_of_tokens_makes_the_parser_panic(
            words in proptest::collection::vec(
                proptest::sample::select(vec!["(", ")", "not", "!", "and", "or", "kev", "severity", ">=", "=", "high", "unknown", "14d", "é"]), 0..30)
        ) {
            let text = words.join(" ");
            match Gate::parse(&text) {
                Ok(gate) => prop_assert_eq!(Gate::parse(&gate.to_string()), Ok(gate)),
                Err(error) => prop_assert!(error.at <= text.len()),
            }
        }

        #[test]
        fn the_text_of_a_gate_is_the_gate(text in expression()) {
            let gate = Gate::parse(&text).unwrap();
            prop_assert_eq!(Gate::parse(&gate.to_string()).unwrap(), gate);
        }

        #[test]
        fn de_morgan_holds(a in expression(), b in expression(), found in any_finding()) {
            let verdict = |text: String| Gate::parse(&text).unwrap().verdict(&found, now());
            prop_assert_eq!(verdict(format!("not (({a}) and ({b}))")), verdict(format!("not ({a}) or not ({b})")));
            prop_assert_eq!(verdict(format!("not (({a}) or ({b}))")), verdict(format!("not ({a}) and not ({b})")));
            prop_assert_eq!(verdict(format!("not not ({a})")), verdict(a));
        }

        #[test]
        fn either_a_gate_or_its_opposite_is_hit(a in expression(), found in any_finding()) {
            let gate = Gate::parse(&a).unwrap();
            let opposite = Gate::parse(&format!("not ({a})")).unwrap();
            prop_assert!(gate.verdict(&found, now()).is_some() || opposite.verdict(&found, now()).is_some());
        }
    }

    #[test]
    fn the_recipes_for_pipelines_are_yaml_with_gates_that_parse() {
        let page = include_str!("../../../docs/guide/ci.md");
        let recipes = blocks(page, "yaml");
        assert_eq!(recipes.len(), 2);
        for (_, recipe) in recipes {
            let read: Result<serde_json::Value, _> = serde_saphyr::from_str(recipe);
            assert!(read.is_ok_and(|value| value.is_object()), "{recipe}");
        }
        let gates: Vec<&str> = page
            .split("--fail-on '")
            .skip(1)
            .filter_map(|rest| rest.split('\'').next())
            .collect();
        assert!(gates.len() >= 4);
        for gate in gates {
            assert!(
                Gate::parse(gate).is_ok_and(|g| g.needs_baseline()),
                "{gate}"
            );
        }
    }

    #[test]
    fn only_an_expression_with_new_needs_a_baseline() {
        let marked = |is_new| Finding { is_new, ..plain() };
        check("new", &marked(Some(true)), HIT);
        check("not new", &marked(Some(true)), None);
        check("new", &marked(Some(false)), None);
        check("new", &plain(), UNKNOWN);
        let check = |text: &str, needs: bool| {
            assert_eq!(Gate::parse(text).unwrap().needs_baseline(), needs, "{text}");
        };
        check("new", true);
        check("kev or not (new and severity>=high)", true);
        check("new=unknown", true);
        check("kev and severity>=high", false);
    }
}
