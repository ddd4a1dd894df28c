//! `plan`: what to install where, by whom, in which window, by when, and what it closes.

use std::path::Path;

use fleet::plan::{Place as HostPlace, Plan, Previous, plan};
use jiff::Timestamp;
use reports::plan::{PLAN_BYTES, parse_previous};
use risk::policy::Policy;

use crate::error::{Failure, Result};
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

/// An earlier plan, from its JSON.
pub fn previous(path: &Path) -> Result<Previous> {
    let bytes = host::read(path, PLAN_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let parsed = parse_previous(&bytes);
    let why = parsed.notes.first().map(ToString::to_string);
    parsed.value.ok_or_else(|| {
        let why = why.unwrap_or_default();
        Failure::input(format!("{}: {why}", path.display()))
            .hint("--previous takes the JSON form of an earlier plan (`plan --format json`)")
    })
}
