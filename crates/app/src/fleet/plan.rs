//! `plan`: what to install where, by whom, in which window, by when, and what it closes.

use std::path::Path;

use fleet::plan::{Place as HostPlace, Plan, Previous, plan};
use jiff::Timestamp;
use risk::policy::Policy;

use crate::error::Result;
use crate::fleet::place::Place;
use crate::fleet::view::{Moment, View};

/// The plan of the fleet, at a moment.
pub fn of_fleet(
    place: Place,
    catalog: Option<&Path>,
    policies: &[Policy],
    moment: Moment,
    owner: Option<&str>,
    previous: Option<&Previous>,
) -> Result<Plan> {
    let view = View::open(place, catalog, moment)?;
    of_view(&view, policies, owner, previous, moment.at)
}

fn of_view(
    view: &View,
    policies: &[Policy],
    owner: Option<&str>,
    previous: Option<&Previous>,
    now: Timestamp,
) -> Result<Plan> {
    let lives = view.lives(policies)?;
    let places: Vec<HostPlace> = view
        .hosts
        .placed
        .iter()
        .map(|one| HostPlace::of(&one.host.name, &one.member.asset, now))
        .collect();
    let to_do: Vec<_> = lives
        .groups
        .into_iter()
        .filter(|group| !matches!(group.life, fleet::group::Life::Suppressed(_)))
        .collect();
    let mut plan = plan(&to_do, &places, now);
    if let Some(previous) = previous {
        plan = plan.compared_with(previous);
    }
    Ok(match owner {
        Some(owner) => plan.of_owner(owner),
        None => plan,
    })
}
