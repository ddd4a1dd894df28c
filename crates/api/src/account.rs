//! Accounts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The login.
    pub login: String,
    /// What they are: `viewer`, `analyst`, …
    pub roles: Vec<String>,
    /// The owners whose hosts they see; null: every host.
    pub owners: Option<Vec<String>>,
    /// How they came in: `session` or `token`.
    pub way: String,
}
