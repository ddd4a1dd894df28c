//! A product register: what no package list holds (firewalls, gateways, hypervisors, storage), a row a product, as a team keeps it
//! in a table. The columns are described in `docs/guide/register.md`; products are named as CPE names (NISTIR 7695) spell them.

use std::collections::BTreeMap;

use base::{Cpe, Ecosystem, Limit, Note, Parsed};
use jiff::civil::Date;

use super::notes::Notes;
use super::{Format, Input, Listing, text};
use crate::{HostKind, Kept, Location, Package};

/// A table with a heading, `vendor,product,version,owner,last_confirmed`.
pub struct ProductRegister;

/// The ecosystem of products no package manager installs.
const PRODUCT: &str = "product";
/// The host of rows that name none.
const UNNAMED_HOST: &str = "product register";
/// Rows of one register.
const ROWS: Limit = Limit::new("register-rows", 200_000);
/// The longest cell that can be a name or a version.
const CELL_BYTES: Limit = Limit::new("register-cell-bytes", 1024);

impl Format for ProductRegister {
    fn id(&self) -> &'static str {
        "product-register"
    }

    fn about(&self) -> &'static str {
        "products without a package list: csv with the columns vendor, product, version, owner, last_confirmed"
    }

    fn kind(&self) -> HostKind {
        HostKind::Machine
    }

    fn wants(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let stem = name
            .strip_suffix(".csv")
            .or_else(|| name.strip_suffix(".tsv"));
        stem.is_some_and(|stem| stem.contains("register") || stem == "products")
    }

    fn recognise(&self, input: &Input<'_>) -> bool {
        let sample = text::sample(input.bytes);
        let first = sample.lines().find(|line| !line.trim().is_empty());
        first.is_some_and(|line| Columns::of_heading(line).is_some())
    }

    fn parse(&self, input: &Input<'_>) -> Parsed<Listing> {
        let (text, note) = text::decode(input.bytes);
        let mut register = Register::new(input.path);
        register.notes.extend(note);
        register.read(&text);
        register.finish()
    }
}

/// Which column stands where.
#[derive(Default)]
struct Columns {
    separator: u8,
    vendor: Option<usize>,
    product: Option<usize>,
    version: Option<usize>,
    cpe: Option<usize>,
    host: Option<usize>,
    owner: Option<usize>,
    confirmed: Option<usize>,
    /// Columns that the file of host rules answers.
    of_the_team: Vec<usize>,
}

impl Columns {
    /// The columns, if the line is the heading of a register.
    fn of_heading(line: &str) -> Option<Self> {
        let count = |separator: u8| line.bytes().filter(|b| *b == separator).count();
        let separator = [b',', b';', b'\t'].into_iter().max_by_key(|s| count(*s))?;
        let mut columns = Self {
            separator,
            ..Self::default()
        };
        let cells = line.split(char::from(separator));
        for (at, cell) in cells.enumerate() {
            let cell =
                cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\u{feff}'));
            let word = cell.to_lowercase().replace([' ', '-'], "_");
            let place = match word.as_str() {
                "vendor" | "manufacturer" => &mut columns.vendor,
                "product" => &mut columns.product,
                "version" => &mut columns.version,
                "cpe" => &mut columns.cpe,
                "host" | "name" | "hostname" => &mut columns.host,
                "owner" => &mut columns.owner,
                "last_confirmed" | "confirmed" => &mut columns.confirmed,
                "zone" | "exposed" | "criticality" => {
                    columns.of_the_team.push(at);
                    continue;
                }
                _ => continue,
            };
            place.get_or_insert(at);
        }
        let is_named = columns.vendor.is_some() && columns.product.is_some();
        let is_kept = columns.owner.is_some() || columns.confirmed.is_some();
        (is_named && columns.version.is_some() && is_kept).then_some(columns)
    }
}

/// Which line a row stands on. The csv reader's own count is short where lines end in `\r\n`.
struct LineCount<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl<'t> LineCount<'t> {
    const fn new(text: &'t str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// The line of the first byte from there on that ends no line; places are asked in their order.
    fn at(&mut self, byte: u64) -> u64 {
        let is_end = |b: Option<&u8>| b.is_some_and(|b| matches!(b, b'\r' | b'\n'));
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        while self.at < self.text.len() && (self.at < byte || is_end(self.text.get(self.at))) {
            self.line += u64::from(self.text.get(self.at) == Some(&b'\n'));
            self.at += 1;
        }
        self.line
    }
}

struct Register<'p> {
    path: &'p str,
    hosts: BTreeMap<String, Listing>,
    notes: Notes,
    unconfirmed: u64,
    of_the_team: u64,
}

impl<'p> Register<'p> {
    fn new(path: &'p str) -> Self {
        Self {
            path,
            hosts: BTreeMap::new(),
            notes: Notes::default(),
            unconfirmed: 0,
            of_the_team: 0,
        }
    }

    fn read(&mut self, text: &str) {
        let mut lines = text::numbered_lines(text);
        let heading = lines.find(|(_, line)| !line.trim().is_empty());
        let Some((first, columns)) =
            heading.and_then(|(at, line)| Some((at, Columns::of_heading(line)?)))
        else {
            self.notes.push(Note::error(
                "no heading with the columns vendor, product, version and owner or last_confirmed",
            ));
            return;
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(columns.separator)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut lines = LineCount::new(text);
        for row in reader.records() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    let what = format!("a row that is no csv was left out: {error}");
                    self.notes.push(Note::warning(what));
                    continue;
                }
            };
            let line = row.position().map_or(first, |at| lines.at(at.byte()));
            if line <= first {
                continue;
            }
            if ROWS.is_exceeded_by(line - first) {
                let note = Note::warning("more rows were left out").at_line(line);
                self.notes.push(note.because_of(ROWS));
                break;
            }
            self.row(&columns, &row, line);
        }
    }

    fn row(&mut self, columns: &Columns, row: &csv::StringRecord, line: u64) {
        let cell = |at: Option<usize>| {
            let cell = at.and_then(|at| row.get(at)).unwrap_or_default().trim();
            (!cell.is_empty() && cell != "-").then_some(cell)
        };
        if row.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        if row
            .iter()
            .any(|cell| CELL_BYTES.is_exceeded_by(cell.len() as u64))
        {
            let note = Note::warning("a row with an overlong cell was left out").at_line(line);
            self.notes.push(note.because_of(CELL_BYTES));
            return;
        }
        let cpe = cell(columns.cpe).and_then(|text| {
            let cpe = text.parse::<Cpe>().ok();
            if cpe.is_none() {
                let what = format!("not a CPE name: {}", text::excerpt(text));
                self.notes.warn(line, what);
            }
            cpe
        });
        let named = match &cpe {
            Some(cpe) => Some(format!("{}/{}", cpe.vendor, cpe.product)),
            None => name(cell(columns.vendor), cell(columns.product)),
        };
        let Some(name) = named else {
            self.notes
                .warn(line, "a row without vendor or product was left out");
            return;
        };
        let of_cpe = cpe.as_ref().and_then(|cpe| cpe.version.clone());
        let version = cell(columns.version).map(str::to_owned).or(of_cpe);
        let kept = Kept {
            owner: cell(columns.owner).map(str::to_owned),
            confirmed: cell(columns.confirmed).and_then(|text| self.date(text, line)),
        };
        self.unconfirmed += u64::from(kept.confirmed.is_none());
        let is_told = columns
            .of_the_team
            .iter()
            .any(|at| cell(Some(*at)).is_some());
        self.of_the_team += u64::from(is_told);
        let package = Package {
            ecosystem: Some(Ecosystem::new(PRODUCT)),
            cpe,
            kept: Some(kept),
            ..Package::new(name, version, Location::line(self.path, line))
        };
        let host = cell(columns.host).unwrap_or(UNNAMED_HOST);
        let listing = self
            .hosts
            .entry(host.to_owned())
            .or_insert_with(|| Listing {
                host: Some(host.to_owned()),
                subject: Some((host.to_owned(), Some(HostKind::Machine))),
                ..Listing::default()
            });
        listing.packages.push(package);
    }

    fn date(&mut self, text: &str, line: u64) -> Option<Date> {
        // A table program may add the time of day.
        let day = text.split([' ', 'T']).next().unwrap_or_default();
        let date = day.parse::<Date>().ok();
        if date.is_none() {
            let what = format!(
                "last_confirmed is no date (2026-08-21): {}",
                text::excerpt(text)
            );
            self.notes.warn(line, what);
        }
        date
    }

    fn finish(mut self) -> Parsed<Listing> {
        if self.unconfirmed > 0 {
            let count = self.unconfirmed;
            self.notes.push(Note::info(format!(
                "products whose version nobody has confirmed (no date in last_confirmed): {count}"
            )));
        }
        if self.of_the_team > 0 {
            let count = self.of_the_team;
            self.notes.push(Note::info(format!(
                "zone, criticality and exposure are taken from the file of host rules only; given here for products: {count}"
            )));
        }
        Parsed {
            value: Listing {
                hosts: self.hosts.into_values().collect(),
                ..Listing::default()
            },
            notes: self.notes.into_vec(),
        }
    }
}

/// The words at the end of a company's name that CPE names leave out.
static LEGAL_FORMS: &[&str] = &[
    "inc",
    "inc.",
    "ltd",
    "ltd.",
    "llc",
    "gmbh",
    "ag",
    "corp",
    "corp.",
    "corporation",
    "co.",
];

/// `vendor/product` as a CPE name spells it: lower case, words joined by `_`, the vendor not repeated.
fn name(vendor: Option<&str>, product: Option<&str>) -> Option<String> {
    let mut vendor = words(vendor?);
    while vendor.len() > 1
        && vendor
            .last()
            .is_some_and(|w| LEGAL_FORMS.contains(&w.as_str()))
    {
        vendor.pop();
    }
    let product = words(product?);
    let is_repeated = product.starts_with(&vendor) && product.len() > vendor.len();
    let product = if is_repeated {
        &product[vendor.len()..]
    } else {
        &product
    };
    let (vendor, product) = (vendor.join("_"), product.join("_"));
    (!vendor.is_empty() && !product.is_empty()).then(|| format!("{vendor}/{product}"))
}

/// The words of a name without what it says in brackets: `Endpoint Manager Mobile (EPMM)`.
fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let bare = text.split('(').next().filter(|t| !t.trim().is_empty());
    bare.unwrap_or(&text)
        .split(|c: char| c.is_whitespace() || matches!(c, '_' | '/'))
        .map(|word| word.trim_end_matches(',').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(table: &str, expected: &str) {
        let input = Input {
            path: "register.csv",
            bytes: table.as_bytes(),
        };
        let listing = ProductRegister.parse(&input).value;
        let shown = listing.hosts.iter().flat_map(|host| {
            host.packages.iter().map(|package| {
                let version = package.version.as_deref().unwrap_or("?");
                format!(
                    "{} {} {version}",
                    host.host.as_deref().unwrap_or("?"),
                    package.name
                )
            })
        });
        assert_eq!(shown.collect::<Vec<_>>().join("; "), expected, "{table}");
    }

    #[test]
    fn columns_stand_in_any_order_and_case() {
        check(
            "Owner;Version;PRODUCT;Vendor;Host\nnet;7.2.5;FortiGate;Fortinet, Inc.;fw-01\n",
            "fw-01 fortinet/fortigate 7.2.5",
        );
        check(
            "vendor\tproduct\tversion\tlast_confirmed\nCisco\tCisco IOS XE\t17.9.1\t2026-01-01\n",
            "product register cisco/ios_xe 17.9.1",
        );
    }

    #[test]
    fn the_column_with_a_cpe_name_wins() {
        check(
            "vendor,product,version,owner,cpe\nMy,Thing,,net,cpe:2.3:a:vmware:vcenter_server:8.0:*:*:*:*:*:*:*\n",
            "product register vmware/vcenter_server 8.0",
        );
    }

    #[test]
    fn a_row_without_a_name_is_left_out_and_its_neighbours_stay() {
        check(
            "vendor,product,version,owner\n,x,1,a\n\"Ivanti\",\"Endpoint Manager Mobile (EPMM)\",\"12.1, build 3\",b\nF5,,1,c\n",
            "product register ivanti/endpoint_manager_mobile 12.1, build 3",
        );
    }

    #[test]
    fn other_tables_are_no_register() {
        for heading in [
            "vendor,product,version",
            "name,version,owner",
            "vendor product version owner",
            "",
        ] {
            assert!(Columns::of_heading(heading).is_none(), "{heading}");
        }
    }
}
