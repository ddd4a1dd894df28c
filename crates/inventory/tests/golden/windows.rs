//! A Windows machine as the golden tests write it.

use std::fmt::Write as _;

use inventory::Windows;

/// What the machine says of itself, a fact a line; facts that are unknown are dashes.
pub(crate) fn describe(windows: &Windows) -> String {
    let mut out = String::new();
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let debug = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    writeln!(
        out,
        "windows: {} | {} | release {} | SP {} | {} | core {} | restart {}",
        text(&windows.name),
        debug(windows.build.map(|b| b.to_string())),
        text(&windows.release),
        debug(windows.service_pack.map(|n| n.to_string())),
        debug(windows.arch.map(|a| format!("{a:?}"))),
        debug(windows.server_core.map(|c| c.to_string())),
        debug(windows.pending_reboot.map(|p| p.to_string())),
    )
    .unwrap();
    let cut = if windows.updates_cut { ", cut" } else { "" };
    match &windows.updates {
        None => writeln!(out, "updates: unknown").unwrap(),
        Some(updates) => {
            writeln!(out, "updates: {}{cut}", updates.len()).unwrap();
            for update in updates {
                let day = update
                    .installed
                    .map_or(String::new(), |day| format!(" {day}"));
                writeln!(out, "  {}{day}", update.kb).unwrap();
            }
        }
    }
    for feature in windows.features.iter().flatten() {
        let state = if feature.installed {
            "installed"
        } else {
            "available"
        };
        writeln!(out, "feature: {} {state}", feature.name).unwrap();
    }
    if let Some(iis) = &windows.iis {
        writeln!(out, "iis: {}", text(&iis.version)).unwrap();
        for extension in &iis.extensions {
            let state = if extension.enabled {
                "enabled"
            } else {
                "disabled"
            };
            writeln!(out, "  {} {state}", extension.path).unwrap();
        }
    }
    out
}
