//! Computers of Active Directory as `Get-ADComputer -Filter * -Properties * | Export-Csv` writes them
//! (<https://learn.microsoft.com/powershell/module/activedirectory/get-adcomputer>).

use super::map::ColumnMap;
use super::notes::Notes;
use super::{ListFormat, Row, table};

/// The format.
pub(super) struct ActiveDirectory;

impl ListFormat for ActiveDirectory {
    fn id(&self) -> &'static str {
        "active-directory"
    }

    fn about(&self) -> &'static str {
        "computers of Active Directory: Get-ADComputer | Export-Csv"
    }

    fn recognise(&self, head: &str) -> bool {
        table::has_headings(head, &["DistinguishedName", "DNSHostName"])
    }

    fn rows(&self, text: &str, map: Option<&ColumnMap>, notes: &mut Notes) -> Vec<Row> {
        table::rows(text, map, notes)
    }
}
