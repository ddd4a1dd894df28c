//! Times, memory, and the table they make.

use std::fs;
use std::time::{Duration, Instant};

/// Times of one kind of act.
#[derive(Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    /// Does something and keeps how long it took.
    pub(super) fn of<T>(&mut self, act: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = act();
        self.0.push(began.elapsed());
        result
    }

    /// Takes over times that were measured apart.
    pub(super) fn keep(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub(super) fn total(&self) -> Duration {
        self.0.iter().sum()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that so many of a hundred did not exceed.
    pub(super) fn percentile(&self, hundredth: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * hundredth).div_ceil(100).max(1) - 1;
        sorted.get(at).copied().unwrap_or_default()
    }
}

/// A line of the table.
pub(super) struct Line {
    pub(super) what: String,
    pub(super) limit: &'static str,
    pub(super) measured: String,
    /// Share of the limit, where it has one.
    pub(super) ratio: Option<f64>,
}

impl Line {
    /// Of many acts: the 99th of a hundred against a limit.
    pub(super) fn of(
        what: impl Into<String>,
        times: &Times,
        limit: &'static str,
        most: f64,
    ) -> Self {
        let (median, high) = (times.percentile(50), times.percentile(99));
        Self {
            what: format!("{} ({} times)", what.into(), times.len()),
            limit,
            measured: format!("{} / {}", shown(median), shown(high)),
            ratio: (most > 0.0).then(|| high.as_secs_f64() / most),
        }
    }

    /// Of one act.
    pub(super) fn once(
        what: impl Into<String>,
        took: Duration,
        limit: &'static str,
        most: f64,
    ) -> Self {
        Self {
            what: what.into(),
            limit,
            measured: shown(took),
            ratio: (most > 0.0).then(|| took.as_secs_f64() / most),
        }
    }

    /// Of memory, in KiB.
    pub(super) fn memory(
        what: impl Into<String>,
        kib: u64,
        limit: &'static str,
        most: f64,
    ) -> Self {
        Self {
            what: what.into(),
            limit,
            measured: format!("{} MiB", kib / 1024),
            ratio: (most > 0.0).then(|| kib as f64 / most),
        }
    }
}

/// A time in the unit a person reads.
pub(super) fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        s if s >= 1.0 => format!("{s:.1} s"),
        s if s >= 1e-3 => format!("{:.1} ms", 1e3 * s),
        s => format!("{:.0} µs", 1e6 * s),
    }
}

pub(super) fn table(lines: &[Line]) -> String {
    let mut out =
        "| What | Limit | Measured: one, or half / 99 of 100 | Of the limit |\n|---|---|---|---|\n"
            .to_owned();
    for line in lines {
        let ratio = line
            .ratio
            .map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
        out.push_str(&format!(
            "| {} | {} | {} | {ratio} |\n",
            line.what, line.limit, line.measured
        ));
    }
    out
}

/// The memory this process has now.
pub(super) fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// The exponent `k` of `y = c·x^k` that fits best, by least squares over the logarithms.
pub(super) fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let many = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / many;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let up: f64 = logs.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let down: f64 = logs.iter().map(|p| (p.0 - x).powi(2)).sum();
    up / down
}
