//! How often somebody may be wrong, and how long they may be away.

use jiff::{SignedDuration, Timestamp};
use store::accounts::Account;

/// Wrong tries after which an account rests (PCI DSS v4.0.1, 8.3.4: at most ten).
const TRIES: u32 = 10;
/// For how long it rests (8.3.4: at least thirty minutes).
const REST: SignedDuration = SignedDuration::from_mins(30);
/// Unused for longer, it is switched off (8.2.6).
const UNUSED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Why an account lets nobody in now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shut {
    /// Too many wrong tries; until then.
    Resting(Timestamp),
    /// Switched off.
    Disabled,
    /// Not used for ninety days.
    Unused,
}

/// Whether an account lets nobody in, and why.
pub(super) fn shut(account: &Account, now: Timestamp) -> Option<Shut> {
    if account.is_disabled {
        return Some(Shut::Disabled);
    }
    if let Some(until) = account.locked_until.filter(|until| *until > now) {
        return Some(Shut::Resting(until));
    }
    let last = account.last_seen.unwrap_or(account.created);
    (now.duration_since(last) > UNUSED).then_some(Shut::Unused)
}

/// One more wrong try; whether the account rests since.
pub(super) fn failed(account: &mut Account, now: Timestamp) -> bool {
    account.failures = account.failures.saturating_add(1);
    if account.failures < TRIES {
        return false;
    }
    account.failures = 0;
    account.locked_until = Some(now + REST);
    true
}

/// Somebody came in.
pub(super) fn succeeded(account: &mut Account, now: Timestamp) {
    account.failures = 0;
    account.locked_until = None;
    account.last_seen = Some(now);
}
