//! Progress of long work, as events; the caller draws them or not.

/// Something to tell a person who waits.
pub trait Progress: Sync {
    /// A step began; `total` is in the step's own unit (bytes, records), if known.
    fn begin(&self, step: &str, total: Option<u64>);

    /// So much of the current step is done, counted from its start.
    fn advance(&self, done: u64);

    /// The current step ended.
    fn end(&self);
}

/// Nobody is waiting.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _step: &str, _total: Option<u64>) {}

    fn advance(&self, _done: u64) {}

    fn end(&self) {}
}
