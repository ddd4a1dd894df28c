//! Charts, text tables and every escape: the only place where outside text is made safe for a medium.
//!
//! [`escape`] makes hostile text harmless for one medium each (terminal, HTML, Markdown, CSV, XML); [`text`] measures, wraps
//! and pads what a terminal shows; [`style`] says whether colour is wanted and how wide the page is; [`table`] lays out
//! rows; [`chart`] draws SVG with the same figures as a text table.

pub mod chart;
pub mod escape;
pub mod style;
pub mod table;
pub mod text;
pub mod trend;
