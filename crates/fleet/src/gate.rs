//! `--fail-on`: a small three-valued expression over findings.
