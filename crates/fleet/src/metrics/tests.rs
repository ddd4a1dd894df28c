//! Figures against published tables and against plain counting of expanded spells.

use proptest::prelude::*;

use super::*;
use crate::sample::at;

/// Days after this.
fn day(n: i64) -> Timestamp {
    at("2026-06-01T00:00:00Z") + jiff::SignedDuration::from_hours(24 * n)
}

fn spell(opened: i64, closed: Option<i64>) -> Spell {
    Spell {
        opened: day(opened),
        ended: closed.map(|n| (day(n), Ending::Fixed)),
        severity: None,
        exploited_since: None,
        owner: None,
        zone: None,
        due: Vec::new(),
        weight: 1,
    }
}

/// Spells that ended at these ages, and others that stand at these.
fn ages(closed: &[i64], open: &[i64]) -> Vec<Spell> {
    let ended = closed.iter().map(|&age| spell(-age - 5, Some(-5)));
    let standing = open.iter().map(|&age| spell(-age, None));
    ended.chain(standing).collect()
}

/// Age, share open, standard error, the ends of the interval where the table has them.
type Row = (f64, f64, f64, Option<(f64, f64)>);

fn check_table(curve: &Curve, table: &[Row], digits: f64) {
    assert_eq!(curve.points.len(), table.len());
    for (point, (age, open, error, interval)) in curve.points.iter().zip(table) {
        let near = |a: f64, b: f64| (a - b).abs() <= digits;
        assert_eq!(point.days, *age);
        assert!(near(point.open, *open), "{point:?}");
        assert!(
            near(point.standard_error.unwrap_or(0.0), *error),
            "{point:?}"
        );
        if let (Some((low, high)), Some(seen)) = (interval, point.interval) {
            assert!(near(seen.0, *low) && near(seen.1, *high), "{point:?}");
        }
    }
}

fn mercaptopurine() -> Vec<Spell> {
    ages(
        &[6, 6, 6, 7, 10, 13, 16, 22, 23],
        &[6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35],
    )
}

/// Oracle: remission of leukaemia under 6-mercaptopurine (Freireich et al., Blood 21, 1963, 699–716) as estimated in Klein and
/// Moeschberger, Survival Analysis, table 4.1B, with the log(−log) intervals that Stata prints for the data set.
#[test]
fn the_leukaemia_data_give_the_published_curve() {
    let curve = time_to_patch(&mercaptopurine(), day(0));
    assert_eq!((curve.findings, curve.closed), (21, 9));
    let table = [
        (6.0, 0.8571, 0.0764, Some((0.6197, 0.9516))),
        (7.0, 0.8067, 0.0869, Some((0.5631, 0.9228))),
        (10.0, 0.7529, 0.0963, Some((0.5032, 0.8894))),
        (13.0, 0.6902, 0.1068, Some((0.4316, 0.8491))),
        (16.0, 0.6275, 0.1141, Some((0.3675, 0.8049))),
        (22.0, 0.5378, 0.1282, Some((0.2678, 0.7468))),
        (23.0, 0.4482, 0.1346, Some((0.1881, 0.6801))),
    ];
    check_table(&curve, &table, 0.000_06);
    let estimate = |days, low, high| Estimate { days, low, high };
    assert_eq!(curve.median(), estimate(Some(23.0), Some(13.0), None));
    assert_eq!(curve.closed_share(0.25).days, Some(13.0));
    assert_eq!(curve.closed_share(0.75), estimate(None, Some(23.0), None));
    assert_eq!((curve.open_at(0.0), curve.open_at(35.5)), (Some(1.0), None));
}

/// Oracle: the placebo arm of the same trial; nothing is censored, so the curve is the plain share (median 8, 95 % interval 4 to 11).
#[test]
fn without_open_ones_the_curve_is_the_plain_share() {
    let closed = [
        1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23,
    ];
    let curve = time_to_patch(&ages(&closed, &[]), day(0));
    for point in &curve.points {
        let left = closed
            .iter()
            .filter(|age| **age as f64 > point.days)
            .count();
        assert!((point.open - left as f64 / 21.0).abs() < 1e-12);
    }
    let median = Estimate {
        days: Some(8.0),
        low: Some(4.0),
        high: Some(11.0),
    };
    assert_eq!(curve.median(), median);
    assert_eq!(curve.open_at(99.0), Some(0.0));
}

/// Oracle: acute myelogenous leukaemia, maintained group (Miller, Survival Analysis, 1981, p. 49), as `summary(survfit())` of R's
/// survival package prints its example.
#[test]
fn the_maintenance_data_give_the_published_curve() {
    let spells = ages(&[9, 13, 18, 23, 31, 34, 48], &[13, 28, 45, 161]);
    let curve = time_to_patch(&spells, day(0));
    let table = [
        (9.0, 0.909, 0.0867, None),
        (13.0, 0.818, 0.1163, None),
        (18.0, 0.716, 0.1397, None),
        (23.0, 0.614, 0.1526, None),
        (31.0, 0.491, 0.1642, None),
        (34.0, 0.368, 0.1627, None),
        (48.0, 0.184, 0.1535, None),
    ];
    check_table(&curve, &table, 0.000_6);
    assert_eq!(curve.median().days, Some(31.0));
}

#[test]
fn a_share_that_is_met_exactly_is_reached_in_the_middle_of_the_stretch() {
    let curve = time_to_patch(&ages(&[2, 6], &[]), day(0));
    assert_eq!(curve.median().days, Some(4.0));
    let none = time_to_patch(&[], day(0));
    assert_eq!(
        (none.findings, none.median().days, none.open_at(0.0)),
        (0, None, Some(1.0))
    );
    let open = time_to_patch(&ages(&[], &[9]), day(0));
    assert_eq!(open.median().days, None);
}

#[test]
fn an_open_one_past_its_date_is_missed_and_one_before_it_counts_neither_way() {
    let due = |spell: Spell, by: i64| Spell {
        due: vec![("house".into(), day(by))],
        weight: 3,
        ..spell
    };
    let spells = [
        due(spell(-9, Some(-5)), -5),
        due(spell(-9, Some(-4)), -5),
        due(spell(-9, None), -5),
        due(spell(-9, None), 5),
        spell(-9, None),
    ];
    let seen = attainment(&spells, day(0));
    let expected = Attainment {
        policy: "house".to_owned(),
        met: 3,
        missed: 3,
        overdue: 3,
        pending: 3,
    };
    assert_eq!(seen, [expected]);
    assert_eq!(seen[0].share(), Some(1.0 / 3.0));
    assert_eq!(Attainment::default().share(), None);
}

#[test]
fn exposure_is_days_times_hosts_and_counts_exploitation_from_when_it_was_known() {
    let listed = Spell {
        exploited_since: Some(day(-2)),
        weight: 10,
        ..spell(-8, None)
    };
    let sum = exposure(&[listed, spell(-20, Some(-6))], day(-7), day(0));
    assert_eq!((sum.days, sum.exploited_days), (71.0, 20.0));
}

#[test]
fn what_is_overdue_is_counted_for_each_owner() {
    let of = |owner: Option<&str>, weight, by: i64| Spell {
        owner: owner.map(Arc::from),
        due: vec![("a".into(), day(9)), ("b".into(), day(by))],
        exploited_since: owner.map(|_| day(-3)),
        weight,
        ..spell(-9, None)
    };
    let seen = overdue(
        &[of(None, 2, -1), of(Some("x"), 5, -1), of(Some("x"), 7, 1)],
        day(0),
    );
    let expected = Overdue {
        findings: 7,
        exploited: 5,
        owners: vec![(Some("x".into()), 5), (None, 2)],
    };
    assert_eq!(seen, expected);
}

#[test]
fn a_backlog_burns_down_apart_from_what_comes() {
    let heavy = Spell {
        weight: 4,
        ..spell(-30, Some(1))
    };
    let spells = [
        heavy,
        spell(0, None),
        spell(2, Some(3)),
        spell(3, None),
        spell(-9, Some(-1)),
    ];
    let down = burn_down(&spells, day(0), day(4), Every::Day);
    let of = |list: &[Period]| -> Vec<(u64, u64, u64)> {
        list.iter().map(|p| (p.arrived, p.closed, p.open)).collect()
    };
    assert_eq!(down.at_baseline, 5);
    assert_eq!(
        of(&down.backlog),
        [(0, 0, 5), (0, 4, 1), (0, 0, 1), (0, 0, 1)]
    );
    assert_eq!(
        of(&down.since),
        [(0, 0, 0), (0, 0, 0), (1, 0, 1), (1, 1, 1)]
    );
}

#[test]
fn what_was_taken_back_or_left_with_its_host_is_no_patch() {
    let otherwise = |closed: i64, by: i64, ending| Spell {
        ended: Some((day(closed), ending)),
        due: vec![("house".into(), day(by))],
        ..spell(-9, None)
    };
    let spells = [
        otherwise(-5, -4, Ending::Cleared),
        otherwise(-5, -6, Ending::Left),
        spell(-9, Some(-7)),
    ];
    let curve = time_to_patch(&spells, day(0));
    assert_eq!((curve.findings, curve.closed), (3, 1));
    let held = attainment(&spells, day(0));
    assert_eq!(
        (held[0].met, held[0].missed, held[0].share()),
        (0, 1, Some(0.0))
    );
    let sums = flow(&spells, day(-9), day(0), Every::Week);
    let of: Vec<_> = sums.iter().map(|p| (p.closed, p.gone, p.open)).collect();
    assert_eq!(of, [(1, 2, 0), (0, 0, 0)]);
}

#[test]
fn parts_add_up_to_the_whole_and_stand_in_their_order() {
    let of = |owner: Option<&str>, severity, weight| Spell {
        owner: owner.map(Arc::from),
        severity,
        due: vec![("a".into(), day(-2)), ("b".into(), day(9))],
        weight,
        ..spell(-9, None)
    };
    let spells = [
        of(None, Some(Severity::Low), 1),
        of(Some("x"), Some(Severity::Critical), 2),
        of(Some("a"), None, 4),
    ];
    let check = |by, expected: &[(Option<&str>, u64, u64)]| {
        let found = parts(&spells, by, day(-30), day(0));
        let found: Vec<_> = found
            .iter()
            .map(|p| (p.name.as_deref(), p.open, p.overdue))
            .collect();
        assert_eq!(found, expected);
    };
    check(
        By::Owner,
        &[(Some("a"), 4, 4), (Some("x"), 2, 2), (None, 1, 1)],
    );
    check(
        By::Severity,
        &[(Some("critical"), 2, 2), (Some("low"), 1, 1), (None, 4, 4)],
    );
    check(By::Zone, &[(None, 7, 7)]);
    check(By::Policy, &[(Some("a"), 7, 7), (Some("b"), 7, 0)]);
}

#[test]
fn a_flow_is_bounded_and_ends_at_its_end() {
    assert_eq!(flow(&[], day(0), day(0), Every::Day), []);
    let weeks = flow(&[spell(8, None)], day(0), day(10), Every::Week);
    let seen: Vec<_> = weeks.iter().map(|p| (p.end, p.arrived, p.open)).collect();
    assert_eq!(seen, [(day(7), 0, 0), (day(10), 1, 1)]);
    let long = flow(
        &[spell(-9, None)],
        Timestamp::MIN,
        Timestamp::MAX,
        Every::Day,
    );
    assert_eq!(long.len() as u64, FLOW_PERIODS.max);
    assert_eq!(
        long.last().map(|p| (p.end, p.open)),
        Some((Timestamp::MAX, 1))
    );
}

fn some_spells() -> impl Strategy<Value = Vec<Spell>> {
    let one = (-40i64..0, proptest::option::of(-45i64..0), 0u64..5).prop_map(
        |(opened, closed, weight)| Spell {
            weight,
            ..spell(opened, closed)
        },
    );
    proptest::collection::vec(one, 0..20)
}

proptest! {
    /// A spell on five hosts is five spells on one.
    #[test]
    fn weights_count_as_repetition(spells in some_spells()) {
        let expanded: Vec<Spell> = spells.iter().flat_map(|s| {
            let one = Spell { weight: 1, ..s.clone() };
            std::iter::repeat_n(one, usize::try_from(s.weight).unwrap())
        }).collect();
        prop_assert_eq!(time_to_patch(&spells, day(0)), time_to_patch(&expanded, day(0)));
        let of = |s: &[Spell]| flow(s, day(-30), day(0), Every::Day);
        prop_assert_eq!(of(&spells), of(&expanded));
        let (a, b) = (exposure(&spells, day(-30), day(0)), exposure(&expanded, day(-30), day(0)));
        prop_assert!((a.days - b.days).abs() < 1e-6);
    }

    #[test]
    fn the_share_open_only_falls_and_lies_in_its_interval(spells in some_spells()) {
        let curve = time_to_patch(&spells, day(0));
        let mut last = 1.0;
        for point in &curve.points {
            prop_assert!(point.open < last && point.open >= 0.0);
            if let Some((low, high)) = point.interval {
                prop_assert!(0.0 <= low && low <= point.open && point.open <= high && high <= 1.0);
            }
            last = point.open;
        }
    }

    #[test]
    fn what_came_and_was_not_closed_stands(spells in some_spells()) {
        let sane: Vec<Spell> = spells.into_iter().filter(|s| s.ended_at().is_none_or(|c| c >= s.opened)).collect();
        for period in flow(&sane, day(-41), day(0), Every::Day) {
            let standing = sane.iter().filter(|s| s.opened < period.end && s.ended_at().is_none_or(|c| c >= period.end));
            prop_assert_eq!(period.open, standing.map(|s| s.weight).sum::<u64>());
        }
    }
}
