//! Whether the server works.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether it works, and if not, what does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`, or `not ready`.
    pub status: String,
    /// The version of the program.
    pub version: String,
    /// What does not work; empty when all does.
    pub reasons: Vec<String>,
}
