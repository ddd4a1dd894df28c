//! Which policies decide: those that ship, or a file the user names.

use std::path::Path;

use risk::policy::Policy;

use crate::error::{Failure, Result};

/// The largest policy file read.
const POLICY_BYTES: base::Limit = base::Limit::new("policy-bytes", 1 << 20);

/// The policies to ask: the shipped ones, or only the one in the file.
pub fn load(file: Option<&Path>) -> Result<Vec<Policy>> {
    let Some(path) = file else {
        return Ok(risk::policy::shipped());
    };
    let bytes = host::read(path, POLICY_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::input(format!("{}: not UTF-8", path.display())))?;
    let policy = risk::policy::read(&path.display().to_string(), &text).map_err(|e| {
        Failure::input(e.to_string()).hint("docs/guide/policies.md describes the keys")
    })?;
    Ok(vec![policy])
}
