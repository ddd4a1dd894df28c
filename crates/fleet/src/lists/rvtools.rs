//! Virtual machines as RVTools' tab vInfo (<https://www.dell.com/en-us/shop/vmware/sl/rvtools>) or PowerCLI writes them: the name of the
//! machine in vCenter is for people, and tells hosts apart only where the guest gives no name.

use super::column::Column;
use super::map::ColumnMap;
use super::notes::Notes;
use super::{ListFormat, Row, table};
use crate::identity::IdentifierKind;

/// The format.
pub(super) struct RvTools;

impl ListFormat for RvTools {
    fn id(&self) -> &'static str {
        "rvtools"
    }

    fn about(&self) -> &'static str {
        "virtual machines of vCenter: RVTools, tab vInfo as CSV"
    }

    fn recognise(&self, head: &str) -> bool {
        table::has_headings(head, &["VM", "Powerstate"])
    }

    fn rows(&self, text: &str, map: Option<&ColumnMap>, notes: &mut Notes) -> Vec<Row> {
        // Where both are there, `VM UUID` is the id of the instance in vCenter, and the board's is `SMBIOS UUID`.
        let instance = match table::has_headings(text, &["SMBIOS UUID"]) {
            true => Column::Tool("vcenter".to_owned()),
            false => Column::Identifier(IdentifierKind::Uuid),
        };
        let mut rows = table::rows_with(
            text,
            map,
            &[("VM UUID", instance), ("Template", Column::State)],
            notes,
        );
        for row in &mut rows {
            for (column, value) in &mut row.cells {
                // `Template` says True or False, and False does not mean that it is switched off.
                let word = match (&column, value.to_ascii_lowercase().as_str()) {
                    (Column::State, "true") => "template",
                    (Column::State, "false") => "poweredOn",
                    _ => continue,
                };
                word.clone_into(value);
            }
        }
        rows
    }
}
