//! What a caller may say about how a document is written.

use drawing::style::Style;

/// The wishes of the caller; the default suits a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether text may carry ANSI colour.
    pub colour: bool,
    /// Columns of a text page.
    pub width: usize,
    /// Who speaks in a VEX document; without one the tool speaks.
    pub author: Option<String>,
    /// The address under which a VEX document has its id: `https://vex.example.org`.
    pub namespace: Option<String>,
    /// The version of this program.
    pub tool_version: String,
}

impl Options {
    /// Colour and width as `drawing` takes them.
    pub fn style(&self) -> Style {
        Style {
            colour: self.colour,
            width: self.width,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            colour: Style::PLAIN.colour,
            width: Style::PLAIN.width,
            author: None,
            namespace: None,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
