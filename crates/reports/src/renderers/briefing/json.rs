//! `daywatch.briefing/1`: everything the briefing knows, and what the next one compares itself with; described in
//! docs/reference/briefing.md.

use super::wire;
use crate::briefing::Briefing;
use crate::renderers::{BriefingRenderer, Options};

/// The format.
pub(in crate::renderers) struct Json;

impl BriefingRenderer for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn about(&self) -> &'static str {
        "everything the briefing knows, for scripts and the next briefing (daywatch.briefing/1)"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn render(&self, briefing: &Briefing, _: &Options) -> String {
        let mut out = serde_json::to_string_pretty(&wire::briefing(briefing))
            .expect("string keys and plain values always serialise");
        out.push('\n');
        out
    }
}
