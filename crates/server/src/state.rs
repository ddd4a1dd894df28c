//! What every handler may use.

use std::sync::Arc;

use app::accounts::seal::Key;
use app::live::Live;
use jiff::Timestamp;

use crate::throttle::Throttle;

/// The parts of a running server, shared by its handlers.
pub(crate) struct Parts {
    /// The fleet.
    pub(crate) live: Live,
    /// What opens sealed secrets.
    pub(crate) key: Key,
    /// How often somebody may try.
    pub(crate) throttle: Throttle,
    /// The description of the API.
    pub(crate) description: String,
    /// Whether it is reached over TLS.
    pub(crate) is_tls: bool,
    /// The names it may be called by.
    pub(crate) names: Vec<String>,
    /// Instead of the clock, in tests and for an earlier day.
    pub(crate) now: Option<Timestamp>,
}

/// What handlers get.
pub(crate) type Server = Arc<Parts>;

impl Parts {
    /// The moment of a request, to the second.
    pub(crate) fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(|| {
            let now = Timestamp::now();
            Timestamp::from_second(now.as_second()).unwrap_or(now)
        })
    }
}
