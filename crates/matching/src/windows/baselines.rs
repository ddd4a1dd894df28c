//! Updates that a later machine starts from: they hold all that was released before them.

use std::sync::LazyLock;

use base::Kb;
use jiff::civil::Date;

/// Number, day, and what it is after it; one a line.
static LIST: &str = include_str!("baselines.txt");

static BASELINES: LazyLock<Vec<(Kb, Date)>> = LazyLock::new(|| {
    let lines = LIST.lines().filter_map(|line| line.split('#').next());
    lines
        .filter_map(|line| {
            let (number, day) = line.trim().split_once(' ')?;
            Some((number.parse().ok()?, day.parse().ok()?))
        })
        .collect()
});

/// The baselines with their day.
pub(super) fn baselines() -> &'static [(Kb, Date)] {
    &BASELINES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_list_is_a_number_a_day_and_a_reason() {
        let lines = LIST.lines().filter(|l| !l.starts_with('#'));
        assert_eq!(
            baselines().len(),
            lines.filter(|l| l.contains(" # ")).count()
        );
    }
}
