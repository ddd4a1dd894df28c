//! Findings with decision, suppression, patch and gate. A scan is a fleet of one.
//!
//! The flow: `matching` says what a package has; [`finding`] joins the facts about its CVEs and the policies' decisions;
//! [`imported`] brings other tools' findings beside them; [`suppression`] and [`vex`] set findings aside, each with who and
//! why; [`patch`] folds the rest into units of action; [`plan`] says who does them when, [`metrics`] how fast that went;
//! [`gate`] answers `--fail-on`. Which host a report is about is told by [`identity`], what the team says of it by [`asset`],
//! who was told to report again by [`ask`].
//!
//! Of a fleet nothing is kept a host: a [`release`] has its [`hit`]s, asked once by [`evaluate`]; the log of [`change`]s is
//! folded by [`index`] into which host has what since when. A [`rank`] that rises between two catalogs is kept with its moment.

pub mod ask;
pub mod asset;
pub mod change;
pub mod evaluate;
pub mod finding;
pub mod gate;
pub mod glob;
pub mod group;
pub mod hit;
pub mod identity;
pub mod imported;
pub mod index;
pub mod intake;
pub mod judge;
pub mod life;
pub mod lists;
pub mod metrics;
pub mod mitigation;
pub mod patch;
pub mod plan;
pub mod query;
pub mod questions;
pub mod rank;
pub mod release;
pub mod rules;
pub mod suppression;
pub mod vex;

#[cfg(test)]
mod sample;
