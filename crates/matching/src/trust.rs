//! Whose word counts first: the order of trust, which is data (`trust.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

static TABLE: &str = include_str!("trust.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    class: Vec<Class>,
}

/// Sources that are trusted alike.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Class {
    #[cfg_attr(not(test), expect(dead_code, reason = "for who reads the table"))]
    name: String,
    /// Whose word it is, in words.
    pub(crate) says: String,
    /// Only counts where nobody nearer speaks of the package.
    #[serde(default)]
    pub(crate) weaker: bool,
    ids: Vec<String>,
}

/// A class and its place in the order, lower is more trusted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trust {
    pub(crate) rank: usize,
    pub(crate) class: &'static Class,
}

static CLASSES: LazyLock<Vec<Class>> = LazyLock::new(|| {
    let table: Table = toml::from_str(TABLE).expect("a test reads the table that ships");
    table.class
});

/// How much the source of a record is trusted, by the record's id.
pub(crate) fn trust(id: &str) -> Trust {
    let classes = CLASSES.iter().enumerate();
    let named = classes.clone().find(|(_, class)| {
        class
            .ids
            .iter()
            .any(|prefix| id.starts_with(prefix.as_str()))
    });
    let open = || classes.clone().find(|(_, class)| class.ids.is_empty());
    let (rank, class) = named
        .or_else(open)
        .expect("a test finds the class without ids in the table that ships");
    Trust { rank, class }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_is_trusted_first_and_nvd_last() {
        let order = [
            "RHSA-2024:0001",
            "UBUNTU-CVE-2024-1",
            "RUSTSEC-2024-0001",
            "GHSA-xxxx",
            "PYSEC-2024-1",
            "CVE-2024-1",
            "CNA-CVE-2024-1",
            "NVD-CVE-2024-1",
        ];
        let ranks: Vec<usize> = order.iter().map(|id| trust(id).rank).collect();
        assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
        let weaker: Vec<bool> = order.iter().map(|id| trust(id).class.weaker).collect();
        assert_eq!(
            weaker,
            [false, false, false, false, false, false, true, true]
        );
    }

    #[test]
    fn one_class_takes_what_no_class_names() {
        let open: Vec<&str> = CLASSES
            .iter()
            .filter(|class| class.ids.is_empty())
            .map(|class| class.name.as_str())
            .collect();
        assert_eq!(open, ["other"]);
        assert_eq!(trust("SOMEONE-1").class.name, "other");
    }
}
