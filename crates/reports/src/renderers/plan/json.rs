//! `daywatch.plan/1`: everything the plan knows, and what the next one compares itself with; described in docs/reference/plan.md.

use fleet::plan::Plan;

use super::wire;
use crate::renderers::{Options, PlanRenderer};

/// The format.
pub(in crate::renderers) struct Json;

impl PlanRenderer for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "everything the plan knows, for scripts and the next plan (daywatch.plan/1)"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn render(&self, plan: &Plan, _: &Options) -> String {
        let mut out = serde_json::to_string_pretty(&wire::plan(plan))
            .expect("string keys and plain values always serialise");
        out.push('\n');
        out
    }
}
