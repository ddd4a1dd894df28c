//! One SQL text for both databases, in what they have in common. A statement is written with `$1`; SQLite gets `?1`. The few
//! statements over many rows are put together here.

use crate::value::Kind;

/// As SQLite wants its places: `$1` → `?1`. Texts in our statements hold no `$`.
pub(crate) fn for_sqlite(sql: &str) -> String {
    sql.replace('$', "?")
}

/// Rows to be added to a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Insert<'t> {
    pub(crate) table: &'t str,
    pub(crate) columns: &'t [(&'t str, Kind)],
    /// What to do with a row that is there: `ON CONFLICT (digest) DO NOTHING`, or empty.
    pub(crate) or_else: &'t str,
}

impl Insert<'_> {
    fn head(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        format!("INSERT INTO {} ({})", self.table, names.join(", "))
    }

    /// One row a statement, to be prepared once.
    pub(crate) fn one_row(&self) -> String {
        let places: Vec<String> = (1..=self.columns.len()).map(|n| format!("?{n}")).collect();
        format!(
            "{} VALUES ({}) {}",
            self.head(),
            places.join(", "),
            self.or_else
        )
    }

    /// All rows at once, a list a column.
    pub(crate) fn by_column(&self) -> String {
        let list = |(at, (_, kind)): (usize, &(&str, Kind))| {
            format!("${}::{}[]", at + 1, postgres_name(*kind))
        };
        let lists: Vec<String> = self.columns.iter().enumerate().map(list).collect();
        format!(
            "{} SELECT * FROM unnest({}) {}",
            self.head(),
            lists.join(", "),
            self.or_else
        )
    }
}

/// Rows of a table by one of its columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lookup<'t> {
    pub(crate) table: &'t str,
    pub(crate) columns: &'t str,
    pub(crate) key: &'t str,
    pub(crate) kind: Kind,
}

impl Lookup<'_> {
    pub(crate) fn one_key(&self) -> String {
        format!(
            "SELECT {} FROM {} WHERE {} = ?1",
            self.columns, self.table, self.key
        )
    }

    pub(crate) fn all_keys(&self) -> String {
        let kind = postgres_name(self.kind);
        format!(
            "SELECT {} FROM {} WHERE {} = ANY($1::{kind}[])",
            self.columns, self.table, self.key
        )
    }
}

pub(crate) const fn postgres_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Int => "BIGINT",
        Kind::Text => "TEXT",
        Kind::Blob => "BYTEA",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_rows_are_one_statement_for_each_database() {
        let insert = Insert {
            table: "blobs",
            columns: &[("digest", Kind::Blob), ("size", Kind::Int)],
            or_else: "ON CONFLICT (digest) DO NOTHING",
        };
        assert_eq!(
            insert.one_row(),
            "INSERT INTO blobs (digest, size) VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING"
        );
        assert_eq!(
            insert.by_column(),
            "INSERT INTO blobs (digest, size) SELECT * FROM unnest($1::BYTEA[], $2::BIGINT[]) ON CONFLICT (digest) DO NOTHING"
        );
        assert_eq!(
            for_sqlite("SELECT a FROM b WHERE c = $1 AND d > $12"),
            "SELECT a FROM b WHERE c = ?1 AND d > ?12"
        );
    }
}
