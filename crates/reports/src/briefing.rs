//! The Briefing (`daywatch.briefing/1`): what a team must know this morning, as plain data.
