//! How a text page is drawn: with colour or without, and how wide. The caller knows the terminal; nothing here looks.

/// What the caller wants of a text page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to emit ANSI colour (ECMA-48 SGR).
    pub colour: bool,
    /// Columns to fill; anything under [`Style::NARROWEST`] counts as that.
    pub width: usize,
}

impl Style {
    /// Below this many columns nothing can be laid out.
    pub const NARROWEST: usize = 24;

    /// No colour, 80 columns: a file, a pipe, a mail.
    pub const PLAIN: Self = Self {
        colour: false,
        width: 80,
    };

    /// The width, never below the narrowest.
    pub fn columns(self) -> usize {
        self.width.max(Self::NARROWEST)
    }

    /// The text in an ink, or as it is without colour. Only the visible text goes in: widths are measured before.
    pub fn paint(self, ink: Ink, text: &str) -> String {
        match ink.code() {
            Some(code) if self.colour && !text.is_empty() => {
                format!("\u{1b}[{code}m{text}\u{1b}[0m")
            }
            _ => text.to_owned(),
        }
    }
}

impl Default for Style {
    fn default() -> Self {
        Self::PLAIN
    }
}

/// What a piece of text means; colour only repeats what the words already say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ink {
    /// As it is.
    #[default]
    Plain,
    /// The one thing to see.
    Strong,
    /// There, but not in the way.
    Faint,
    /// Act now.
    Alarm,
    /// Bad.
    Bad,
    /// Look at it.
    Warn,
    /// Fine.
    Good,
    /// A name or an id.
    Name,
}

impl Ink {
    const fn code(self) -> Option<&'static str> {
        Some(match self {
            Self::Plain => return None,
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Alarm => "1;31",
            Self::Bad => "31",
            Self::Warn => "33",
            Self::Good => "32",
            Self::Name => "36",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_text_stays_as_it_is() {
        assert_eq!(Style::PLAIN.paint(Ink::Alarm, "KEV"), "KEV");
    }

    #[test]
    fn with_colour_the_ink_ends_where_the_text_ends() {
        let style = Style {
            colour: true,
            width: 80,
        };
        assert_eq!(style.paint(Ink::Alarm, "KEV"), "\u{1b}[1;31mKEV\u{1b}[0m");
        assert_eq!(style.paint(Ink::Plain, "x"), "x");
        assert_eq!(style.paint(Ink::Bad, ""), "");
    }
}
