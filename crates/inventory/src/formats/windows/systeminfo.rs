//! What `systeminfo` prints (<https://learn.microsoft.com/en-us/windows-server/administration/windows-commands/systeminfo>), in
//! any language and in its forms `list`, `csv` and `table`.
//!
//! Its labels are translated, and in a console's code page unreadable; so none is read. The version of the system says its
//! build twice (`10.0.17763 N/A Build 17763`), which nothing else does: the value before is the name of the system, the one
//! before that the name of the host. The list of updates is the numbered one that holds numbers of updates.

use base::{Kb, Note, Parsed};

use super::console::{self, some};
use super::machine::{self, Machine};
use super::updates;
use crate::formats::{Format, Input, Listing, text};
use crate::{HostKind, WindowsArch, WindowsBuild};

/// Windows machines, by `systeminfo`.
pub struct SystemInfo;

impl Format for SystemInfo {
    fn id(&self) -> &'static str {
        "systeminfo"
    }

    fn about(&self) -> &'static str {
        "a Windows machine by systeminfo, in any language; list, csv or table"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        let path = path.to_ascii_lowercase();
        path.contains("systeminfo") && (path.ends_with(".txt") || path.ends_with(".csv"))
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let text = console::head(input.bytes);
        if text.trim_start().starts_with(['{', '[', '<']) {
            return false;
        }
        Values::of(&text).is_some()
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = console::decode(input.bytes);
        let mut machine = Machine::new(note);
        let Some(values) = Values::of(&text) else {
            let note = Note::error("no version of Windows in it, as systeminfo prints one");
            machine.notes.push(note);
            return machine.finish();
        };
        values.describe(&mut machine);
        if values.is_row {
            read_cells(&values, &mut machine);
        } else {
            read_lists(&text, &mut machine);
        }
        note_others(&text, &values, &mut machine);
        if machine.updates.is_none() {
            let what = "no updates are listed: none is installed, or they could not be asked for";
            machine.notes.push(Note::info(what));
        }
        machine.finish()
    }
}

/// The values around the version, in the order they are printed.
struct Values<'t> {
    host: Option<&'t str>,
    name: Option<&'t str>,
    build: WindowsBuild,
    service_pack: u8,
    /// All values that follow.
    after: Vec<&'t str>,
    /// They were cells of one row (`csv`, `table`).
    is_row: bool,
    /// 1-based.
    line: u64,
}

impl<'t> Values<'t> {
    fn of(text: &'t str) -> Option<Self> {
        Self::in_list(text).or_else(|| Self::in_row(text))
    }

    fn in_list(text: &'t str) -> Option<Self> {
        let mut before: [Option<&str>; 2] = [None, None];
        let mut lines = text::numbered_lines(text).filter(|(_, l)| !l.trim().is_empty());
        while let Some((line, content)) = lines.next() {
            let value = after_label(content);
            if let Some((build, service_pack)) = value.and_then(version)
                && before[1].is_some_and(names_windows)
            {
                return Some(Self {
                    host: before[0],
                    name: before[1],
                    build,
                    service_pack,
                    after: lines.filter_map(|(_, l)| after_label(l)).collect(),
                    is_row: false,
                    line,
                });
            }
            before = [before[1], value];
        }
        None
    }

    /// `csv`, and `table` with its columns underlined.
    fn in_row(text: &'t str) -> Option<Self> {
        let columns = text.lines().find_map(table_columns);
        text::numbered_lines(text).find_map(|(line, content)| {
            let cells = match &columns {
                Some(columns) => cut(content, columns),
                None if content.starts_with('"') => quoted(content),
                None => return None,
            };
            let at = cells.iter().position(|cell| version(cell).is_some())?;
            let (build, service_pack) = version(cells[at])?;
            let name = at.checked_sub(1).and_then(|at| some(cells[at]));
            name.filter(|n| names_windows(n))?;
            Some(Self {
                host: at.checked_sub(2).and_then(|at| some(cells[at])),
                name,
                build,
                service_pack,
                after: cells[at + 1..].to_vec(),
                is_row: true,
                line,
            })
        })
    }

    fn describe(&self, machine: &mut Machine) {
        machine.host = self.host.and_then(machine::kept);
        let windows = &mut machine.windows;
        windows.name = self.name.and_then(machine::system_name);
        windows.build = Some(self.build);
        windows.service_pack = Some(self.service_pack);
        windows.arch = architecture(&self.after);
        if windows.arch.is_none() {
            let note = Note::warning("the architecture is not told");
            machine.notes.push(note);
        }
    }
}

fn names_windows(text: &str) -> bool {
    text.contains("Windows")
}

/// What stands behind the label of a line; for a line without one, such as a numbered entry, its text.
fn after_label(line: &str) -> Option<&str> {
    let (_, value) = line.split_once(": ").or_else(|| line.split_once('：'))?;
    some(value)
}

/// `10.0.17763 N/A Build 17763`, `6.1.7601 Service Pack 1 Build 7601`: the build is said twice, and a small number between
/// is the service pack.
fn version(value: &str) -> Option<(WindowsBuild, u8)> {
    let mut words = value.split_whitespace();
    let build: WindowsBuild = words.next()?.parse().ok()?;
    if build.revision.is_some() {
        return None;
    }
    let mut service_pack = 0;
    for word in words.take(12) {
        match word
            .trim_matches(|c: char| !c.is_ascii_digit())
            .parse::<u32>()
        {
            Ok(number) if number == build.build => return Some((build, service_pack)),
            Ok(number @ 1..=9) => service_pack = u8::try_from(number).unwrap_or_default(),
            _ => {}
        }
    }
    None
}

/// `x64-based PC` in nearly every language; where it is translated, `x64` is still a word of its own.
fn architecture(values: &[&str]) -> Option<WindowsArch> {
    let based = |value: &&str| {
        let lower = value.to_ascii_lowercase();
        let before = lower
            .split_once("-based")
            .map(|(before, _)| before.to_owned())?;
        machine::arch(before.split_whitespace().next()?)
    };
    let word = |value: &&str| {
        value
            .split(|c: char| !c.is_ascii_alphanumeric())
            .find_map(machine::arch)
    };
    // The type of the system is among the first values; processors (`x86 Family 6`) and network cards come later.
    let first = || values.iter().take_while(|v| !v.contains(" Family "));
    first().find_map(based).or_else(|| first().find_map(word))
}

/// A numbered list while it is read: `[01]: KB4487044`.
#[derive(Default)]
struct Numbered<'t> {
    /// The number of entries the line above it tells.
    announced: Option<usize>,
    entries: Vec<(u64, &'t str)>,
    /// An entry began and was not finished: `[24`.
    breaks_off: bool,
}

impl Numbered<'_> {
    /// The other one if it names more updates.
    fn or_better(self, other: Self) -> Self {
        if other.entries.len() > self.names_updates()
            && other.names_updates() > self.names_updates()
        {
            other
        } else {
            self
        }
    }

    fn describe(&self, machine: &mut Machine) {
        if self.names_updates() > 0 {
            take_list(self, machine);
        }
    }

    fn names_updates(&self) -> usize {
        let names = |entry: &&(u64, &str)| number_of(entry.1).is_some() || is_file(entry.1);
        self.entries.iter().filter(names).count()
    }
}

/// The update an entry names; Vista leaves `KB` out of some.
fn number_of(entry: &str) -> Option<Kb> {
    let bare = || {
        Some(entry)
            .filter(|e| matches!(e.len(), 6 | 7))
            .and_then(|e| e.parse().ok())
    };
    updates::named(entry).or_else(bare)
}

/// `File 1`: an update of XP or 2003 that has files and no number.
fn is_file(entry: &str) -> bool {
    entry
        .strip_prefix("File ")
        .is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

fn read_lists(text: &str, machine: &mut Machine) {
    let mut best = Numbered::default();
    let mut current = Numbered::default();
    for (number, line) in text::numbered_lines(text) {
        let line = line.trim();
        match (line.starts_with('['), entry(line)) {
            (true, Some(entry)) => current.entries.push((number, entry)),
            (true, None) => current.breaks_off = true,
            (false, _) => {
                let announced = after_label(line).and_then(only_number);
                let next = Numbered {
                    announced,
                    ..Numbered::default()
                };
                best = best.or_better(std::mem::replace(&mut current, next));
            }
        }
    }
    best.or_better(current).describe(machine);
}

/// The entry of a numbered line. French writes a no-break space before the colon, which a code page may spell in any way.
fn entry(line: &str) -> Option<&str> {
    let (number, rest) = line.strip_prefix('[')?.split_once(']')?;
    number.parse::<u32>().ok()?;
    let (before, entry) = rest.split_once(':')?;
    (before.chars().count() <= 1).then(|| entry.trim())
}

/// `9 Hotfix(s) Installed.`, `Число установленных исправлений - 7.`: the one number of the text.
fn only_number(value: &str) -> Option<usize> {
    let mut runs = value
        .split(|c: char| !c.is_ascii_digit())
        .filter(|run| !run.is_empty());
    let number = runs.next()?.parse().ok()?;
    runs.next().is_none().then_some(number)
}

fn take_list(list: &Numbered<'_>, machine: &mut Machine) {
    let found = list.entries.len();
    let is_short = list.announced.is_some_and(|announced| announced > found);
    let mut entries = list.entries.as_slice();
    if is_short || list.breaks_off {
        // systeminfo prints so many bytes and no more; the last number may lack digits, unless the next entry had begun.
        if !list.breaks_off {
            entries = &entries[..found - 1];
        }
        machine.windows.updates_cut = true;
        let of = list.announced.map_or(String::new(), |n| format!(" of {n}"));
        let what = format!(
            "the list of updates breaks off after {}{of} entries; `wmic qfe list` or Get-HotFix has all",
            entries.len()
        );
        let line = list.entries.last().map_or(0, |(line, _)| *line);
        machine.notes.push(Note::warning(what).at_line(line));
    }
    let updates = machine.updates();
    let mut files = 0_usize;
    let mut others = 0_usize;
    for (_, entry) in entries {
        match number_of(entry) {
            Some(kb) => updates.add(kb, None),
            None if is_file(entry) => files += 1,
            None => others += 1,
        }
    }
    if files + others > 0 {
        let what = format!(
            "entries of the list of updates without a number of one: {}",
            files + others
        );
        machine.notes.push(Note::info(what));
    }
}

/// The lists of a row are within a cell: `9 Hotfix(s) Installed.,[01]: KB2693643,[02]: KB4483452`.
fn read_cells(values: &Values<'_>, machine: &mut Machine) {
    let lists = values.after.iter().map(|cell| {
        let before = cell.split('[').next().unwrap_or_default();
        let mut list = Numbered {
            announced: only_number(before),
            ..Numbered::default()
        };
        for (at, _) in cell.match_indices('[') {
            let rest = &cell[at..];
            let end = rest[1..].find('[').map_or(rest.len(), |end| end + 1);
            let one = rest[..end].trim().trim_end_matches(',');
            match entry(one) {
                Some(entry) => list.entries.push((values.line, entry)),
                None => list.breaks_off |= rest.len() < 8,
            }
        }
        list
    });
    lists
        .fold(Numbered::default(), Numbered::or_better)
        .describe(machine);
}

/// A second machine in the same file is left out, and that is said.
fn note_others(text: &str, values: &Values<'_>, machine: &mut Machine) {
    let second = text::numbered_lines(text)
        .filter(|(line, _)| *line > values.line)
        .find(|(_, content)| {
            let cells = quoted(content);
            after_label(content)
                .into_iter()
                .chain(cells)
                .any(|v| version(v).is_some())
        });
    if let Some((line, _)) = second {
        let what = "a second machine in the same file was left out; give each its own file";
        machine.notes.warn(line, what);
    }
}

/// The cells of a line of csv as Windows writes it: each in quotes, none with a quote in it.
fn quoted(line: &str) -> Vec<&str> {
    let line = line.trim();
    let Some(inner) = line.strip_prefix('"').and_then(|l| l.strip_suffix('"')) else {
        return Vec::new();
    };
    inner.split("\",\"").collect()
}

/// Where columns begin and end, in characters, if the line is the underlining of a table's head.
fn table_columns(line: &str) -> Option<Vec<(usize, usize)>> {
    let line = line.trim_end();
    if !line.starts_with("===") || !line.bytes().all(|b| b == b'=' || b == b' ') {
        return None;
    }
    let mut columns = Vec::new();
    let mut start = 0;
    for run in line.split(' ') {
        if !run.is_empty() {
            columns.push((start, start + run.len()));
        }
        start += run.len() + 1;
    }
    (columns.len() > 3).then_some(columns)
}

fn cut<'t>(line: &'t str, columns: &[(usize, usize)]) -> Vec<&'t str> {
    let mut places = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    let mut passed = 0;
    let mut byte_of = |column: usize| {
        let at = places.nth(column - passed).unwrap_or(line.len());
        passed = column + 1;
        at
    };
    let cells = columns.iter().map(|&(start, end)| {
        let (start, end) = (byte_of(start), byte_of(end));
        &line[start..end.max(start)]
    });
    cells.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expected: Option<(&str, u8)>) {
        let found = version(value).map(|(build, pack)| (build.to_string(), pack));
        let expected = expected.map(|(build, pack)| (build.to_owned(), pack));
        assert_eq!(found, expected, "{value}");
    }

    // Ten captures of systeminfo (Windows XP to 11, Server 2003 to 2019; English, German, Italian) were compared with WES-NG
    // 1.0.3 (`wes.py`, determine_product and get_hotfixes): system, build, architecture and service pack agree on all. Its
    // lists of updates agree on nine; on Server 2003 it takes the number on which the list breaks off (`KB2862`) for an update.
    // It does not read `Q147222`, which the lists of XP and Server 2003 have, and counts an update that is listed twice as two.
    // The forms of Russian, Chinese, French and Spanish are those of the captures in WES-NG's repository.
    #[test]
    fn a_version_says_its_build_twice_in_every_language() {
        check("10.0.17763 N/A Build 17763", Some(("10.0.17763", 0)));
        check("10.0.17134 N/D build 17134", Some(("10.0.17134", 0)));
        check(
            "10.0.19045 Nicht zutreffend Build 19045",
            Some(("10.0.19045", 0)),
        );
        check(
            "10.0.19045 N/D Compilaci\u{FFFD}n 19045",
            Some(("10.0.19045", 0)),
        );
        check(
            "10.0.19045 \u{FFFD}/\u{FFFD} \u{FFFD}\u{FFFD} 19045",
            Some(("10.0.19045", 0)),
        );
        check("10.0.14393 暂缺 Build 14393", Some(("10.0.14393", 0)));
        check("10.0.20348 N/A ビルド 20348", Some(("10.0.20348", 0)));
        check(
            "6.1.7601\u{A0}Service Pack 1 Build 7601",
            Some(("6.1.7601", 1)),
        );
        check(
            "6.1.7601 Dodatek Service Pack 1 Kompilacja 7601",
            Some(("6.1.7601", 1)),
        );
        check("5.1.2600 Service Pack 3 Build 2600", Some(("5.1.2600", 3)));
        check("10.0.17763", None);
        check("10.0.17763 N/A Build 17764", None);
        check("1.2.3 and 4", None);
        check("", None);
    }

    #[test]
    fn the_architecture_is_that_of_the_system_not_of_a_processor() {
        let check = |values: &[&str], arch: Option<WindowsArch>| {
            assert_eq!(architecture(values), arch, "{values:?}");
        };
        check(&["VMware, Inc.", "x64-based PC"], Some(WindowsArch::X64));
        check(&["X86-based PC"], Some(WindowsArch::X86));
        check(&["ARM64-based PC"], Some(WindowsArch::Arm64));
        check(&["Itanium (TM) -based System"], Some(WindowsArch::Ia64));
        check(&["PC basado en x64"], Some(WindowsArch::X64));
        check(&["1 Processor(s)", "x86 Family 6 Model 78"], None);
        check(&[], None);
    }

    #[test]
    fn an_entry_is_read_behind_its_number() {
        let check =
            |line: &str, expected: Option<&str>| assert_eq!(entry(line), expected, "{line}");
        check("[01]: KB4487044", Some("KB4487044"));
        check("[01]\u{A0}: KB4487044", Some("KB4487044"));
        check("[01]\u{FFFD}: KB4487044", Some("KB4487044"));
        check("[24", None);
        check("[24]", None);
        check("[x]: y", None);
        assert_eq!(number_of("943729"), Some(Kb::new(943_729)));
        assert_eq!(number_of("{7A068575-C5DB-43D9-BE20-3895D0C69B17}"), None);
        assert_eq!(only_number("Число установленных исправлений - 7."), Some(7));
        assert_eq!(only_number("安装了 1 个修补程序。"), Some(1));
        assert_eq!(only_number("N/A"), None);
        assert_eq!(only_number("1 of 2"), None);
    }

    #[test]
    fn a_table_is_cut_at_its_columns() {
        let columns = table_columns("==== ===== ==  ===").unwrap();
        assert_eq!(
            cut("é1   drei  zz  3", &columns),
            ["é1  ", "drei ", "zz", "3"]
        );
        assert_eq!(cut("é", &columns), ["é", "", "", ""]);
        assert_eq!(table_columns("=="), None);
        assert_eq!(table_columns("=== a ==="), None);
    }
}
