//! The common grammar of vectors: `NAME:VALUE` joined by `/`, each name at most once.

/// The text is not a CVSS vector; the message says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidVector(pub String);

/// One metric of a version.
pub(super) struct Metric {
    pub(super) name: &'static str,
    /// Its values, without the one for "not defined".
    pub(super) values: &'static [&'static str],
    pub(super) group: Group,
}

/// The group a metric is in; base metrics are mandatory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Base,
    /// Temporal (2.0, 3.x) or threat (4.0).
    Temporal,
    Environmental,
    /// 4.0 only; never part of a score.
    Supplemental,
}

impl Metric {
    pub(super) const fn new(
        group: Group,
        name: &'static str,
        values: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            values,
            group,
        }
    }
}

/// The index of each metric's value, `None` where it is not defined.
pub(super) type Values<const N: usize> = [Option<usize>; N];

/// Reads the metrics of a vector without its prefix. `undefined` is the value that says "not defined": `X` or `ND`.
pub(super) fn read<const N: usize>(
    text: &str,
    metrics: &[Metric; N],
    undefined: &str,
) -> Result<Values<N>, InvalidVector> {
    let mut values = [None; N];
    let mut seen = [false; N];
    for field in text.split('/') {
        let Some((name, value)) = field.split_once(':') else {
            return Err(InvalidVector(format!(
                "not NAME:VALUE: {}",
                shortened(field)
            )));
        };
        let Some(at) = metrics.iter().position(|metric| metric.name == name) else {
            return Err(InvalidVector(format!(
                "unknown metric: {}",
                shortened(name)
            )));
        };
        if seen[at] {
            return Err(InvalidVector(format!("metric given twice: {name}")));
        }
        seen[at] = true;
        values[at] = metrics[at].values.iter().position(|known| *known == value);
        let may_be_undefined = metrics[at].group != Group::Base && value == undefined;
        if values[at].is_none() && !may_be_undefined {
            return Err(InvalidVector(format!(
                "unknown value of {name}: {}",
                shortened(value)
            )));
        }
    }
    let missing = metrics
        .iter()
        .zip(seen)
        .find(|(metric, seen)| metric.group == Group::Base && !seen);
    match missing {
        Some((metric, _)) => Err(InvalidVector(format!(
            "mandatory metric is missing: {}",
            metric.name
        ))),
        None => Ok(values),
    }
}

/// Whether any metric of a group is defined.
pub(super) fn defines<const N: usize>(
    values: &Values<N>,
    metrics: &[Metric; N],
    group: Group,
) -> bool {
    values
        .iter()
        .zip(metrics)
        .any(|(value, metric)| value.is_some() && metric.group == group)
}

/// Foreign text in a message, bounded and printable.
fn shortened(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    let mut short: String = text
        .chars()
        .take(CHARS_MAX)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        short.push('…');
    }
    short
}
