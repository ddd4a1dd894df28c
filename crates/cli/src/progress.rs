//! Progress bars on stderr: only for a terminal, and only for steps that take longer than a second.

use std::io::{self, IsTerminal as _};
use std::sync::Mutex;
use std::time::Duration;

use app::progress::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A step faster than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Draws progress, or nothing when stderr is no terminal.
#[derive(Debug, Default)]
pub(crate) struct Bars {
    current: Mutex<Option<Step>>,
}

#[derive(Debug)]
struct Step {
    bar: ProgressBar,
    begun: std::time::Instant,
}

impl Progress for Bars {
    fn begin(&self, step: &str, total: Option<u64>) {
        if !io::stderr().is_terminal() {
            return;
        }
        let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
        bar.set_draw_target(ProgressDrawTarget::hidden());
        let template = if total.is_some() {
            "{msg:28!} {wide_bar} {percent:>3} %  {eta}"
        } else {
            "{msg:28!} {spinner} {pos}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(step.to_owned());
        let begun = std::time::Instant::now();
        self.replace(Some(Step { bar, begun }));
    }

    fn advance(&self, done: u64) {
        let Ok(current) = self.current.lock() else {
            return;
        };
        if let Some(step) = current.as_ref() {
            if step.bar.is_hidden() && step.begun.elapsed() > PATIENCE {
                step.bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            step.bar.set_position(done);
        }
    }

    fn end(&self) {
        self.replace(None);
    }
}

impl Bars {
    fn replace(&self, next: Option<Step>) {
        if let Ok(mut current) = self.current.lock() {
            if let Some(step) = current.take() {
                step.bar.finish_and_clear();
            }
            *current = next;
        }
    }
}
