//! Counting what a feed leaves out, by reason, so that a thousand like cases are one line.

use std::collections::BTreeMap;

/// Reasons and how often.
#[derive(Default)]
pub(super) struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    /// One more.
    pub(super) fn add(&mut self, reason: &'static str) {
        *self.0.entry(reason).or_default() += 1;
    }

    /// In the order of the reasons' text.
    pub(super) fn into_counts(self) -> Vec<(String, u64)> {
        self.0
            .into_iter()
            .map(|(reason, count)| (reason.to_owned(), count))
            .collect()
    }
}
