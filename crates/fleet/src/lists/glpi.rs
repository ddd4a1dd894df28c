//! Computers of GLPI, as its REST API answers to `GET /apirest.php/Computer?expand_dropdowns=true`
//! (<https://github.com/glpi-project/glpi/blob/main/apirest.md>).

use serde_json::Value;

use super::column::Column;
use super::map::ColumnMap;
use super::netbox::{rows, word};
use super::notes::Notes;
use super::{ListFormat, Row};
use crate::asset::AttributeKind;
use crate::identity::IdentifierKind;

/// The format.
pub(super) struct Glpi;

impl ListFormat for Glpi {
    fn id(&self) -> &'static str {
        "glpi"
    }

    fn about(&self) -> &'static str {
        "computers of GLPI: JSON of its REST API, with expand_dropdowns"
    }

    fn recognise(&self, head: &str) -> bool {
        head.starts_with('[')
            && head.contains("\"entities_id\"")
            && head.contains("\"otherserial\"")
    }

    fn rows(&self, text: &str, _: Option<&ColumnMap>, notes: &mut Notes) -> Vec<Row> {
        let cells = |object: &Value| {
            let text = |key: &str| object.get(key).and_then(word);
            // Without expand_dropdowns a group and a state are numbers, and 0 is none.
            let words = |key: &str| text(key).filter(|text| text.parse::<u64>().is_err());
            let is_gone = ["is_deleted", "is_template"].iter().any(|key| {
                let flag = object.get(*key);
                flag.is_some_and(|flag| flag.as_bool() == Some(true) || flag.as_u64() == Some(1))
            });
            vec![
                (Column::Identifier(IdentifierKind::Name), text("name")),
                (Column::Identifier(IdentifierKind::Serial), text("serial")),
                (Column::Identifier(IdentifierKind::Uuid), text("uuid")),
                (Column::Tool("glpi".to_owned()), text("id")),
                (
                    Column::Attribute(AttributeKind::Owner),
                    words("groups_id_tech"),
                ),
                (Column::State, words("states_id")),
                (Column::State, is_gone.then(|| "retired".to_owned())),
            ]
        };
        rows(text, notes, cells)
    }
}
