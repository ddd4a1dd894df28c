//! The real program, end to end: what scripts rely on.
#![expect(clippy::unwrap_used, reason = "a test says where it fails")]

mod advisory;
mod batch;
mod brief;
mod feeds;
mod figures;
mod fleet;
#[cfg(unix)]
mod host;
#[cfg(target_os = "linux")]
mod hostile;
mod image;
mod moving_in;
mod sample;
mod scan;
mod ways;
