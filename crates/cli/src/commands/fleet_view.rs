//! Options of the verbs that ask the store: where it is, which moment, how the answer is printed.

use std::path::PathBuf;

use app::error::{Failure, Result};
use app::fleet::place::Place;
use app::fleet::view::{Moment, View};
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use reports::listing::Listing;
use reports::renderers::{LISTING_RENDERERS, listing_renderer};
use risk::policy::Policy;

use crate::commands::options::{Basis, Kept, parse_instant};
use crate::exit::Outcome;
use crate::output;

/// Which store, which moment, which policies.
#[derive(clap::Args, Debug)]
pub(crate) struct Asked {
    #[command(flatten)]
    pub(crate) kept: Kept,
    /// Answer as of this moment: with what was known then, and the catalog that held then
    #[arg(long, value_name = "T", value_parser = parse_instant)]
    pub(crate) as_of: Option<Timestamp>,
    /// Decide by this policy instead of the ones that ship
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) basis: Basis,
}

impl Asked {
    /// The moment that is asked about.
    pub(crate) fn moment(&self) -> Moment {
        Moment {
            at: self.as_of.unwrap_or_else(|| self.basis.clock.now()),
            is_as_of: self.as_of.is_some(),
            told_after: None,
        }
    }

    /// Where the store is.
    pub(crate) fn place(&self) -> Result<Place> {
        self.kept.place()
    }

    /// The policies.
    pub(crate) fn policies(&self) -> Result<Vec<Policy>> {
        app::policies::load(self.policy.as_deref())
    }

    /// The fleet at that moment.
    pub(crate) fn view(&self) -> Result<View> {
        self.view_at(self.moment())
    }

    /// The fleet at another moment.
    pub(crate) fn view_at(&self, moment: Moment) -> Result<View> {
        View::open(self.place()?, self.basis.catalog.as_deref(), moment)
    }
}

/// How a list is printed.
#[derive(clap::Args, Debug)]
pub(crate) struct Shown {
    /// How to print it
    #[arg(long, default_value = "table", value_parser = PossibleValuesParser::new(LISTING_RENDERERS.iter().map(|r| r.id())))]
    format: String,
    /// Rows to show
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) limit: usize,
    /// Rows to leave out before the first
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) offset: usize,
}

impl Shown {
    /// Whether it is printed for people at a terminal.
    pub(crate) fn is_table(&self) -> bool {
        self.format == "table"
    }

    /// Prints a list.
    pub(crate) fn print(&self, listing: &Listing) -> anyhow::Result<Outcome> {
        print_as(&self.format, listing)
    }
}

fn print_as(format: &str, listing: &Listing) -> anyhow::Result<Outcome> {
    let renderer = listing_renderer(format)
        .ok_or_else(|| Failure::usage(format!("unknown format: {format}")))?;
    output::print(&renderer.render(listing, &output::wishes()))?;
    Ok(Outcome::FINE)
}

/// The format of a short list that has words of its own for people.
#[derive(clap::Args, Debug)]
pub(crate) struct Worded {
    /// How to print it
    #[arg(long, default_value = TEXT, value_parser = PossibleValuesParser::new(std::iter::once(TEXT).chain(LISTING_RENDERERS.iter().map(|r| r.id()))))]
    format: String,
}

/// Words for people, not a table.
const TEXT: &str = "text";

impl Worded {
    /// Prints the words, or the list in the format that was asked for.
    pub(crate) fn print(
        &self,
        words: impl FnOnce() -> String,
        listing: impl FnOnce() -> Result<Listing>,
    ) -> anyhow::Result<Outcome> {
        if self.format != TEXT {
            return print_as(&self.format, &listing()?);
        }
        output::print(&words())?;
        Ok(Outcome::FINE)
    }
}
