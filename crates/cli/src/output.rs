//! Where documents go: stdout or a file, with colour and width only for a terminal.

use std::io::{self, IsTerminal as _, Write as _};

use drawing::style::Style;
use reports::renderers::Options;

/// The look of text on stdout: colour and the real width for a terminal (unless `NO_COLOR` is set), else plain at
/// 80 columns.
pub(crate) fn stdout_style() -> Style {
    let is_terminal = io::stdout().is_terminal();
    let terminal = terminal_size::terminal_size().filter(|_| is_terminal);
    Style {
        colour: is_terminal && std::env::var_os("NO_COLOR").is_none(),
        width: terminal.map_or(Style::PLAIN.width, |(width, _)| usize::from(width.0)),
    }
}

/// What a renderer is asked for on stdout: that look, and nothing else.
pub(crate) fn wishes() -> Options {
    let style = stdout_style();
    Options {
        colour: style.colour,
        width: style.width,
        ..Options::default()
    }
}

/// Writes a document to stdout.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
