//! Every format of the plan and of the figures against files a person has read. `UPDATE_EXPECT=1 cargo test -p reports` rewrites
//! them.

use std::path::PathBuf;

use fleet::plan::plan;
use reports::renderers::{METRICS_RENDERERS, PLAN_RENDERERS};

use crate::sample::{now, options, rich};

#[expect(
    clippy::disallowed_methods,
    reason = "a golden test reads and rewrites its expected files"
)]
fn compare(place: [&str; 3], actual: &str) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "testdata"]
        .iter()
        .chain(&place)
        .collect();
    let path = path.with_extension("expected");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{} differs:\n{actual}", path.display());
}

#[test]
fn plans_with_one_of_everything_and_with_nothing() {
    for (case, plan) in [("rich", rich()), ("nothing", plan(&[], &[], now()))] {
        for renderer in PLAN_RENDERERS {
            compare(
                ["plan", renderer.id(), case],
                &renderer.render(&plan, &options()),
            );
        }
    }
}

#[test]
fn figures_of_a_history_and_of_none() {
    for (case, figures) in crate::figures::cases() {
        for renderer in METRICS_RENDERERS {
            compare(
                ["metrics", renderer.id(), case],
                &renderer.render(&figures, &options()),
            );
        }
    }
}
