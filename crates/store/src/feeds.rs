//! Feeds: what each catalog was made of, and how new it was.

use crate::bounds::{KEY_BYTES, bounded};
use crate::connection::Tx;
use crate::error::Result;
use crate::sql::Insert;
use crate::value::{Kind, Row, Value};

/// A feed in a catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CatalogFeed {
    /// Its name.
    pub name: String,
    /// The date or moment it was of, as the catalog tells it; `None` where the feed does not say.
    pub as_of: Option<String>,
}

pub(crate) fn add(tx: &Tx<'_>, catalog: &str, feeds: &[CatalogFeed]) -> Result<()> {
    let row = |feed: &CatalogFeed| -> Result<Vec<Value>> {
        let as_of = feed
            .as_of
            .as_deref()
            .map(|as_of| bounded("the date of a feed", as_of, KEY_BYTES));
        Ok(vec![
            catalog.into(),
            bounded("the name of a feed", &feed.name, KEY_BYTES)?.into(),
            as_of.transpose()?.into(),
        ])
    };
    let rows: Result<Vec<Vec<Value>>> = feeds.iter().map(row).collect();
    let columns = &[
        ("catalog", Kind::Text),
        ("name", Kind::Text),
        ("as_of", Kind::Text),
    ];
    let or_else = "ON CONFLICT (catalog, name) DO NOTHING";
    tx.insert(
        &Insert {
            table: "feeds",
            columns,
            or_else,
        },
        &rows?,
    )?;
    Ok(())
}

/// Those of a catalog, by name.
///
/// # Errors
/// What the database says.
pub fn of(tx: &Tx<'_>, catalog: &str) -> Result<Vec<CatalogFeed>> {
    let rows = tx.query(
        "SELECT name, as_of FROM feeds WHERE catalog = $1",
        &[catalog.into()],
    )?;
    let feed = |row: &Row| {
        Ok(CatalogFeed {
            name: row.text(0)?,
            as_of: row.opt(1, Row::text)?,
        })
    };
    let mut feeds: Vec<CatalogFeed> = rows.iter().map(feed).collect::<Result<_>>()?;
    feeds.sort();
    Ok(feeds)
}
