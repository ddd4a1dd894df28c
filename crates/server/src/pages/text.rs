//! The only texts templates take: escaped for HTML, element or quoted attribute, and without anything that acts in a browser.

use std::fmt;

use askama::filters::HtmlSafe;
use drawing::escape::html;

/// A text that is escaped when it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text(String);

impl Text {
    /// Of anybody's words.
    pub(crate) fn of(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&html(&self.0))
    }
}

impl HtmlSafe for Text {}

/// HTML that one of our renderers made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Markup(pub(crate) String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}
