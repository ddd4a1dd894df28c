//! Windows machines: what the tools that every Windows has print of it, and what `windows-collector.ps1` writes.
//!
//! Nothing here relies on a label that is translated. One format a file; `machine` gathers what a file says, `updates` reads
//! numbers and days, `programs` names products, `records` knows the forms of PowerShell and `wmic`, `xml` those of IIS,
//! `console` the encodings.

mod collector;
mod computer_info;
mod console;
mod features;
mod hotfixes;
mod iis_config;
mod iis_metabase;
mod machine;
mod programs;
mod records;
mod registry;
mod systeminfo;
mod updates;
mod xml;

pub use collector::Collector;
pub use computer_info::ComputerInfo;
pub use features::Features;
pub use hotfixes::Hotfixes;
pub use iis_config::IisConfig;
pub use iis_metabase::IisMetabase;
pub use registry::Registry;
pub use systeminfo::SystemInfo;
