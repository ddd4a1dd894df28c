//! `scan --baseline`: the earlier scan a user names, read whole or refused: a gate that asks for what is new must not pass because
//! nothing could be compared.

use std::path::Path;

use reports::baseline::{BASELINE_BYTES, Baseline};

use crate::error::{Failure, Result};

/// The earlier scan of a file.
pub(crate) fn load(path: &Path) -> Result<Baseline> {
    let bytes = host::read(path, BASELINE_BYTES).map_err(|e| Failure::input(e.to_string()))?;
    let parsed = Baseline::parse(&bytes);
    let why = parsed.notes.iter().map(ToString::to_string);
    let why: Vec<String> = why.collect();
    match parsed.value {
        Some(baseline) if why.is_empty() => Ok(baseline),
        _ => Err(
            Failure::input(format!("{}: {}", path.display(), why.join("; ")))
                .hint("a baseline is what `daywatch scan --format json` printed"),
        ),
    }
}
