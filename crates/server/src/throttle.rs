//! How often somebody may ask: a bucket that fills with time, for each who asks. Bounded: the bucket that was idle longest makes room.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Who asks for what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asker {
    /// Tries to sign in, from an address.
    SignIn(String),
    /// Any request of an account.
    Account(u32),
}

/// How much a bucket holds, and how fast it fills.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(crate) burst: f64,
    pub(crate) per_minute: f64,
}

/// Tries to sign in from one address.
pub(crate) const SIGN_IN: Rate = Rate {
    burst: 20.0,
    per_minute: 10.0,
};
/// Requests of one account.
pub(crate) const REQUESTS: Rate = Rate {
    burst: 300.0,
    per_minute: 3_000.0,
};

/// Askers that are remembered.
const ASKERS: usize = 50_000;

/// The buckets.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<Asker, Bucket>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Timestamp,
}

impl Throttle {
    /// Takes one; else how many seconds to wait.
    pub(crate) fn take(&self, asker: Asker, rate: Rate, now: Timestamp) -> Result<(), u64> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ASKERS && !buckets.contains_key(&asker) {
            make_room(&mut buckets);
        }
        let bucket = buckets.entry(asker).or_insert(Bucket {
            left: rate.burst,
            at: now,
        });
        let seconds = now.duration_since(bucket.at).as_secs_f64().max(0.0);
        bucket.left = (bucket.left + seconds * rate.per_minute / 60.0).min(rate.burst);
        bucket.at = bucket.at.max(now);
        if bucket.left < 1.0 {
            let wait = (1.0 - bucket.left) * 60.0 / rate.per_minute;
            return Err(wait.ceil() as u64);
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

/// Lets the half go that was idle longest.
fn make_room(buckets: &mut HashMap<Asker, Bucket>) {
    let mut idle: Vec<Timestamp> = buckets.values().map(|bucket| bucket.at).collect();
    idle.sort_unstable();
    let middle = idle[idle.len() / 2];
    buckets.retain(|_, bucket| bucket.at > middle);
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn who_asks_too_often_waits_and_others_do_not() {
        let throttle = Throttle::default();
        let rate = Rate {
            burst: 2.0,
            per_minute: 6.0,
        };
        let ask = |who: u32, second| throttle.take(Asker::Account(who), rate, at(second));
        assert_eq!([ask(1, 0), ask(1, 0), ask(1, 0)], [Ok(()), Ok(()), Err(10)]);
        assert_eq!(ask(2, 0), Ok(()));
        assert_eq!([ask(1, 9), ask(1, 10)], [Err(1), Ok(())]);
        assert_eq!(ask(1, 5), Err(10), "a clock that runs back fills nothing");
    }

    #[test]
    fn the_number_of_askers_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..(ASKERS as u32 + 10) {
            let _ = throttle.take(Asker::Account(n), SIGN_IN, at(i64::from(n)));
        }
        assert!(throttle.0.lock().unwrap().len() <= ASKERS);
    }
}
