//! The table of `dpkg -l` (<https://manpages.debian.org/dpkg-query>, `--list`): state, name, version, architecture, description.
//! dpkg before 1.18 cut columns to the width of the terminal, and to 80 characters where there was none.

use super::deb_columns::{DebLine, State, abbreviated_state, is_architecture, is_name};

/// Where the columns of the table end, from the line of `=`, and whether there is one of architectures.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Layout {
    name_end: Option<usize>,
    version_end: Option<usize>,
}

/// A line of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TableLine<'t> {
    Package {
        line: DebLine<'t>,
        may_be_cut: bool,
    },
    /// The legend and the titles above the table.
    Heading,
    NotUnderstood,
}

/// Whether the text has the table's titles.
pub(super) fn is_table(text: &str) -> bool {
    text.contains("||/ Name") || text.contains("\n+++-=")
}

impl Layout {
    /// Learns from a line of the heading.
    fn learn(&mut self, line: &str) -> bool {
        if let Some(rule) = line.strip_prefix("+++-") {
            let widths: Vec<usize> = rule.split('-').map(str::len).collect();
            if let [name, version, ..] = widths[..] {
                let start = "+++-".len();
                self.name_end = Some(start + name);
                self.version_end = Some(start + name + 1 + version);
            }
            return true;
        }
        line.starts_with("||/ ")
            || line.starts_with("Desired=")
            || line.starts_with("| ")
            || line.starts_with("|/ ")
    }

    pub(super) fn read<'t>(&mut self, text: &'t str) -> TableLine<'t> {
        if self.learn(text) {
            return TableLine::Heading;
        }
        let mut words = text.split_whitespace();
        let (Some(first), Some(second)) = (words.next(), words.next()) else {
            return TableLine::NotUnderstood;
        };
        let Some(state) = abbreviated_state(first) else {
            return TableLine::NotUnderstood;
        };
        let (name, own_arch) = match second.split_once(':') {
            Some((name, arch)) if is_architecture(arch) => (name, Some(arch)),
            _ => (second, None),
        };
        let version = words.next().filter(|v| *v != "<none>");
        if !is_name(name) || (version.is_none() && state == State::Present) {
            return TableLine::NotUnderstood;
        }
        let line = DebLine {
            name,
            version,
            arch: own_arch.or_else(|| words.next().filter(|w| is_architecture(w))),
            state: Some(state),
            ..DebLine::default()
        };
        let ends_at = |part: Option<&str>, end: Option<usize>| {
            part.is_some_and(|p| {
                end == Some((p.as_ptr() as usize + p.len()).saturating_sub(text.as_ptr() as usize))
            })
        };
        let is_narrow = self.version_end.is_some_and(|end| end < 40);
        let may_be_cut = is_narrow
            && (ends_at(Some(second), self.name_end) || ends_at(version, self.version_end));
        TableLine::Package { line, may_be_cut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: &str =
        "+++-==============-============-============-=================================";

    #[test]
    fn what_fills_a_narrow_column_may_be_cut() {
        let mut layout = Layout::default();
        assert_eq!(layout.read(NARROW), TableLine::Heading);
        let mut check = |text: &str, name: &str, cut: bool| match layout.read(text) {
            TableLine::Package { line, may_be_cut } => {
                assert_eq!((line.name, may_be_cut), (name, cut), "{text}")
            }
            other => panic!("{text}: {other:?}"),
        };
        check(
            "ii  adduser        3.113+nmu3   all          add and remove users and groups",
            "adduser",
            false,
        );
        check(
            "ii  libapt-inst1.5 1.0.9.8.4    amd64        deb package format runtime library",
            "libapt-inst1.5",
            true,
        );
        check(
            "ii  dpkg           1.17.27+deb8 amd64        Debian package management system",
            "dpkg",
            true,
        );
    }

    #[test]
    fn states_tell_what_is_on_the_disk() {
        let check = |text: &str, state: State| match Layout::default().read(text) {
            TableLine::Package { line, .. } => assert_eq!(line.state, Some(state), "{text}"),
            other => panic!("{text}: {other:?}"),
        };
        check("ii  bash 5.2 amd64 x", State::Present);
        check("hi  bash 5.2 amd64 x", State::Present);
        check("iFR bash 5.2 amd64 x", State::Present);
        check("rc  bash 5.2 amd64 x", State::Absent);
        check(
            "un  awk <none> <none> (no description available)",
            State::Absent,
        );
    }
}
