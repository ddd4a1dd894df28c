//! One record's word on one version: the ranges of its entries for the package, in words.

use crate::matched::Reason;
use advisories::catalog::Candidate;
use advisories::model::VendorState;
use versions::{EventKind, Range, RangeKind, Scheme, Verdict, scheme_for, scheme_or_generic};

/// The range without a bound, in words.
pub(crate) const EVERY_VERSION: &str = "every version";

/// What one record says of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// The version is affected.
    Affected(Stretch),
    /// It is not; `below_fix` when it is at or above a fix.
    NotAffected(Outside),
    /// What the host says of itself is not enough to tell.
    Undecided,
}

/// The affected stretch the version lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// `>= 2.0, < 2.4.1`.
    pub(crate) range: String,
    /// `fixed 2.4.1`.
    pub(crate) event: String,
    /// The version that ends the stretch by a fix.
    pub(crate) fixed: Option<String>,
    /// The stretch has a last affected version instead of a fix.
    pub(crate) has_last_affected: bool,
    /// The vendor's word on the package.
    pub(crate) vendor_state: Option<VendorState>,
    /// The whole sentence, where it is about something else than a range of versions.
    pub(crate) why: Option<String>,
    /// What must be there too, in words.
    pub(crate) condition: Option<String>,
    /// Where else there is a fix, in words.
    pub(crate) beside: Option<String>,
}

/// Where the version lies when it is in no affected stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outside {
    /// In words: `2.4.1 is at or above 2.4.1, where it was fixed`.
    pub(crate) detail: String,
    /// The fix it is at or above, if that is why.
    pub(crate) fixed: Option<String>,
    /// Why not, where that is something else than the place among versions.
    pub(crate) reason: Option<Reason>,
}

/// The word of a record from all its entries for this package, or why it cannot be told.
pub(crate) fn word(
    entries: &[&Candidate<'_>],
    ecosystem: &str,
    version: &str,
) -> Result<Word, String> {
    let mut outside: Option<Outside> = None;
    let mut failure: Option<String> = None;
    for entry in entries {
        let word = entry_word(entry, ecosystem, version);
        let clears = entry.vendor_state == Some(VendorState::NotAffected);
        match if clears {
            word.map(|w| cleared(w, version))
        } else {
            word
        } {
            Ok(Word::Affected(stretch)) => return Ok(Word::Affected(stretch)),
            Ok(Word::NotAffected(o)) => {
                if outside
                    .as_ref()
                    .is_none_or(|kept| kept.fixed.is_none() && o.fixed.is_some())
                {
                    outside = Some(o);
                }
            }
            Ok(Word::Undecided) => {}
            Err(e) => failure = failure.or(Some(e)),
        }
    }
    match (outside, failure) {
        (_, Some(failure)) => Err(failure),
        (Some(outside), None) => Ok(Word::NotAffected(outside)),
        (None, None) => Ok(Word::NotAffected(Outside {
            detail: "the record names the package without any version".to_owned(),
            fixed: None,
            reason: None,
        })),
    }
}

/// The word of an entry whose versions the vendor calls not affected.
fn cleared(word: Word, version: &str) -> Word {
    let detail = match word {
        Word::Affected(_) => format!("the vendor says that {version} is not affected"),
        Word::NotAffected(_) | Word::Undecided => {
            return Word::NotAffected(Outside {
                detail: format!("the vendor's word is about other versions than {version}"),
                fixed: None,
                reason: None,
            });
        }
    };
    Word::NotAffected(Outside {
        detail,
        fixed: None,
        reason: Some(Reason::Vex),
    })
}

fn entry_word(entry: &Candidate<'_>, ecosystem: &str, version: &str) -> Result<Word, String> {
    if entry
        .except
        .iter()
        .any(|v| same_version(ecosystem, v, version))
    {
        return Ok(Word::NotAffected(Outside {
            detail: format!("{version} is named as not affected"),
            fixed: None,
            reason: None,
        }));
    }
    if entry
        .versions
        .iter()
        .any(|v| same_version(ecosystem, v, version))
    {
        return Ok(Word::Affected(Stretch {
            range: format!("= {version}"),
            event: "none".to_owned(),
            fixed: fix_above(entry, ecosystem, version),
            has_last_affected: false,
            vendor_state: entry.vendor_state,
            why: None,
            condition: condition(entry),
            beside: None,
        }));
    }
    let mut outside = Outside {
        detail: format!("{version} is not among the affected versions"),
        fixed: None,
        reason: None,
    };
    for range in &entry.ranges {
        let Some(scheme) = scheme_of(range.kind, ecosystem) else {
            continue;
        };
        match range.check(scheme, version).map_err(|e| e.to_string())? {
            Verdict::Inside { introduced, until } => {
                let condition = condition(entry);
                return Ok(Word::Affected(Stretch {
                    condition,
                    ..stretch(range, introduced, until, entry.vendor_state)
                }));
            }
            verdict => {
                if let Some(o) = describe_outside(range, verdict, version) {
                    outside = o;
                }
            }
        }
    }
    Ok(Word::NotAffected(outside))
}

/// What NVD says must be there too.
fn condition(entry: &Candidate<'_>) -> Option<String> {
    let component = entry.component.filter(|c| c.starts_with("with "))?;
    Some(format!("only {component}, which no inventory tells"))
}

/// The order of a range; an ecosystem nobody gave an order is compared by the generic one rather than not at all.
fn scheme_of(kind: RangeKind, ecosystem: &str) -> Option<&'static dyn Scheme> {
    let fallback = || (kind == RangeKind::Ecosystem).then(|| scheme_for("generic"))?;
    kind.scheme(ecosystem).or_else(fallback)
}

fn same_version(ecosystem: &str, a: &str, b: &str) -> bool {
    a == b
        || scheme_or_generic(ecosystem)
            .compare(a, b)
            .is_ok_and(std::cmp::Ordering::is_eq)
}

/// The lowest fix above an exact version, from the entry's ranges.
fn fix_above(entry: &Candidate<'_>, ecosystem: &str, version: &str) -> Option<String> {
    let scheme = scheme_or_generic(ecosystem);
    entry
        .ranges
        .iter()
        .flat_map(|r| &r.events)
        .filter(|e| e.kind == EventKind::Fixed)
        .filter(|e| {
            scheme
                .compare(e.version, version)
                .is_ok_and(std::cmp::Ordering::is_gt)
        })
        .min_by(|a, b| {
            scheme
                .compare(a.version, b.version)
                .unwrap_or(std::cmp::Ordering::Equal)
        })
        .map(|e| e.version.to_owned())
}

fn stretch(
    range: &Range<&str>,
    introduced: usize,
    until: Option<usize>,
    vendor_state: Option<VendorState>,
) -> Stretch {
    let from = range.events[introduced].version;
    let end = until.map(|i| range.events[i].clone());
    let lower = (from != "0").then(|| format!(">= {from}"));
    let upper = end.as_ref().map(|e| match e.kind {
        EventKind::LastAffected => format!("<= {}", e.version),
        _ => format!("< {}", e.version),
    });
    let text = match (lower, upper) {
        (Some(l), Some(u)) => format!("{l}, {u}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => EVERY_VERSION.to_owned(),
    };
    let event = end.as_ref().map_or_else(
        || "none".to_owned(),
        |e| {
            let word = match e.kind {
                EventKind::LastAffected => "last_affected",
                EventKind::Limit => "limit",
                EventKind::Fixed | EventKind::Introduced => "fixed",
            };
            format!("{word} {}", e.version)
        },
    );
    Stretch {
        range: text,
        event,
        fixed: end
            .as_ref()
            .filter(|e| e.kind == EventKind::Fixed)
            .map(|e| e.version.to_owned()),
        has_last_affected: end.is_some_and(|e| e.kind == EventKind::LastAffected),
        vendor_state,
        why: None,
        condition: None,
        beside: None,
    }
}

fn describe_outside(range: &Range<&str>, verdict: Verdict, version: &str) -> Option<Outside> {
    match verdict {
        Verdict::Before { introduced } => Some(Outside {
            detail: format!(
                "{version} is below {}, where it was introduced",
                range.events[introduced].version
            ),
            fixed: None,
            reason: None,
        }),
        Verdict::After { event } => {
            let e = &range.events[event];
            let fixed = (e.kind == EventKind::Fixed).then(|| e.version.to_owned());
            let detail = match e.kind {
                EventKind::Fixed => {
                    format!("{version} is at or above {}, where it was fixed", e.version)
                }
                EventKind::LastAffected => format!(
                    "{version} is above {}, the last affected version",
                    e.version
                ),
                _ => format!(
                    "{version} is outside what the record speaks of (limit {})",
                    e.version
                ),
            };
            Some(Outside {
                detail,
                fixed,
                reason: None,
            })
        }
        Verdict::Inside { .. } | Verdict::Empty => None,
    }
}
