//! Releases in the order of their versions. Some orders are not transitive on versions nobody publishes, and text from outside
//! can be such: the sort of the standard library may panic on that, a merge of sorted halves cannot.

use std::cmp::Ordering;

use versions::scheme_or_generic;

use crate::release::ReleaseId;

/// The releases by version, oldest first; versions that cannot be compared by their text.
pub(super) fn by_version<'v>(
    ecosystem: &str,
    releases: &[ReleaseId],
    version: impl Fn(&ReleaseId) -> &'v str,
) -> Vec<ReleaseId> {
    let scheme = scheme_or_generic(ecosystem);
    let is_later = |a: &ReleaseId, b: &ReleaseId| {
        let (left, right) = (version(a), version(b));
        let by_text = || left.cmp(right);
        let order = scheme.compare(left, right).unwrap_or_else(|_| by_text());
        order.then_with(by_text).then_with(|| a.cmp(b)) == Ordering::Greater
    };
    let mut runs: Vec<Vec<ReleaseId>> = releases.iter().map(|r| vec![*r]).collect();
    while runs.len() > 1 {
        let pairs = runs.chunks(2);
        runs = pairs.map(|pair| merged(pair, &is_later)).collect();
    }
    runs.pop().unwrap_or_default()
}

fn merged(
    pair: &[Vec<ReleaseId>],
    is_later: &impl Fn(&ReleaseId, &ReleaseId) -> bool,
) -> Vec<ReleaseId> {
    let [left, right] = pair else {
        return pair.concat();
    };
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next = if is_later(a, b) {
            right.next()
        } else {
            left.next()
        };
        merged.extend(next);
    }
    merged.extend(left.chain(right));
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ecosystem: &str, versions: &[&str], expected: &[&str]) {
        let ids: Vec<ReleaseId> = (0..).take(versions.len()).map(ReleaseId).collect();
        let sorted = by_version(ecosystem, &ids, |id| versions[id.0 as usize]);
        let sorted: Vec<&str> = sorted.iter().map(|id| versions[id.0 as usize]).collect();
        assert_eq!(sorted, expected);
    }

    #[test]
    fn versions_are_sorted_by_the_order_of_their_ecosystem() {
        check(
            "Debian",
            &["1.10-1", "1.9-1", "1.10~rc1-1"],
            &["1.9-1", "1.10~rc1-1", "1.10-1"],
        );
        check(
            "npm",
            &["10.0.0", "9.0.0", "9.0.0-rc.1"],
            &["9.0.0-rc.1", "9.0.0", "10.0.0"],
        );
        check("npm", &[], &[]);
    }

    #[test]
    fn what_cannot_be_compared_is_there_all_the_same() {
        check("npm", &["x", "1.0.0", "", "x"], &["", "1.0.0", "x", "x"]);
    }
}
