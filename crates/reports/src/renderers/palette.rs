//! Which ink a fact is drawn in on a terminal. The words say it too: colour only repeats.

use base::Severity;
use drawing::style::Ink;

/// The ink of a severity; unknown is faint, like everything that is not known.
pub(super) const fn severity(severity: Option<Severity>) -> Ink {
    match severity {
        Some(Severity::Critical) => Ink::Alarm,
        Some(Severity::High) => Ink::Bad,
        Some(Severity::Medium) => Ink::Warn,
        Some(Severity::Low | Severity::None) => Ink::Plain,
        None => Ink::Faint,
    }
}
