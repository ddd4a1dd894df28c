//! Numbers of one release by pattern and plan, kept while its pairs are gone through: most pairs share both with others.

/// More pairs of a pattern and a plan than this are not kept.
const KEPT: usize = if cfg!(test) { 4 } else { 1 << 18 };

/// Numbers by pattern and plan.
#[derive(Default)]
pub(super) struct Counts {
    plans: usize,
    /// The release they are of, counted from one; others are as good as none.
    turn: u32,
    kept: Vec<(u32, u64)>,
    is_kept: bool,
}

impl Counts {
    /// Begins with another release.
    pub(super) fn begin(&mut self, patterns: usize, plans: usize) {
        let needed = patterns * plans;
        self.turn += 1;
        self.plans = plans;
        self.is_kept = needed <= KEPT;
        if self.is_kept && self.kept.len() < needed {
            self.kept.resize(needed, (0, 0));
        }
    }

    /// The number, worked out at the first time.
    pub(super) fn get(&mut self, pattern: u32, plan: u32, count: impl FnOnce() -> u64) -> u64 {
        if !self.is_kept {
            return count();
        }
        let kept = &mut self.kept[pattern as usize * self.plans + plan as usize];
        if kept.0 != self.turn {
            *kept = (self.turn, count());
        }
        kept.1
    }
}
