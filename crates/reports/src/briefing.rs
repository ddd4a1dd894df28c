//! The Briefing (`daywatch.briefing/1`): what a team must know this morning, as plain data.
//!
//! [`compose`] turns [`Today`] into a [`Briefing`]; it reads no clock and nothing outside its argument. The order of the
//! fields is the order of the page, and it is fixed so that the eye learns it: the headline and the one thing to do ·
//! deadlines · newly exploited · patches in order · what changed · what is not known · sources.

mod changes;
mod compose;
mod deadlines;
mod exploited;
mod headline;
mod hosts;
mod model;
mod previous;
mod unknowns;

pub use compose::compose;
pub use model::*;
