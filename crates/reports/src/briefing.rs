//! The Briefing (`daywatch.briefing/1`): what a team must know this morning, as plain data.
//!
//! [`compose`] turns [`Today`] into a [`Briefing`]; it reads no clock and nothing outside its argument. The order of the
//! fields is the order of the page, and it is fixed so that the eye learns it: the headline and the one thing to do ·
//! deadlines · newly exploited · patches in order, and what only a restart is missing for · what each owner has to do · what
//! changed · what is not known, and set aside · sources.
//!
//! Everything is told of groups of findings and sets of hosts: a page of 1,500 hosts is not longer than one of fifteen.

mod changes;
mod compose;
mod deadlines;
mod exploited;
mod headline;
mod hosts;
mod model;
mod owners;
mod places;
mod previous;
mod scene;
mod since;
mod standing;
mod today;
mod unknowns;

pub use compose::compose;
pub use hosts::{HOST_NAMES, Hosts};
pub use model::*;
pub use owners::{OwnerPart, STEPS, Step};
pub(crate) use places::ranges;
pub use previous::{Memory, PreviousBriefing, RememberedGroup};
pub use since::{ChangedGroup, EXAMPLES, Moved, Since};
pub use standing::{Mitigated, Restart};
pub use today::{
    AskedAgain, Backlog, FleetFacts, Question, Reach, RecentKev, Record, Today, TrendDay, Voided,
};
