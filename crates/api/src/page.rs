//! Pages of a list.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The rows a page has when none is named, and the most it may have.
pub const ROWS: u32 = 100;
/// The most rows of one page.
pub const MOST_ROWS: u32 = 1000;

/// Which part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// Rows of the page [default: 100, at most 1000].
    pub limit: Option<u32>,
    /// Where the last page ended: its `next`.
    pub cursor: Option<String>,
}

/// What every page of a list says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct About {
    /// How many rows there are on all pages.
    pub total: u64,
    /// The cursor of the next page; null on the last.
    pub next: Option<String>,
    /// The moment it tells of.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: jiff::Timestamp,
    /// The digest of the catalog it was made with.
    pub catalog: Option<String>,
    /// Which hosts it cannot answer for, in words.
    pub gaps: Vec<String>,
}
