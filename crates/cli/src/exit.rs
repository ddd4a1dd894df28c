//! Exit codes, in one place: 0 fine, 1 the gate was hit or a verification failed, 2 usage, 3 input could not be read,
//! 4 internal. When several hold, 4 over 3 over 1. Ctrl-C ends the process by its signal (130 in a shell).

use std::io::{self, Write as _};
use std::process::ExitCode;

use app::error::{Failure, Kind};

/// How a command that ran to its end wants the process to end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// A gate the user asked for was hit, or a verification failed.
    pub(crate) gate_hit: bool,
    /// A target the user named gave nothing.
    pub(crate) input_lost: bool,
}

impl Outcome {
    /// Nothing to complain of.
    pub(crate) const FINE: Self = Self {
        gate_hit: false,
        input_lost: false,
    };
}

/// The process's exit code; failures are told on stderr, a closed pipe is no failure.
pub(crate) fn code_of(result: anyhow::Result<Outcome>) -> ExitCode {
    match result {
        Ok(Outcome {
            input_lost: true, ..
        }) => ExitCode::from(3),
        Ok(Outcome { gate_hit: true, .. }) => ExitCode::from(1),
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => code_of_error(&error),
    }
}

fn code_of_error(error: &anyhow::Error) -> ExitCode {
    if is_broken_pipe(error) {
        return ExitCode::SUCCESS;
    }
    let Some(failure) = error.downcast_ref::<Failure>() else {
        complain(&format!("{error:#}"), "");
        return ExitCode::from(4);
    };
    complain(&failure.message, &failure.hint);
    ExitCode::from(match failure.kind {
        Kind::Verification => 1,
        Kind::Usage => 2,
        Kind::Input => 3,
        Kind::Internal => 4,
    })
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

fn complain(message: &str, hint: &str) {
    let mut stderr = io::stderr().lock();
    // If stderr is gone there is nobody left to tell.
    let _ = writeln!(stderr, "error: {}", safe_lines(message));
    if !hint.is_empty() {
        let _ = writeln!(stderr, " hint: {}", safe_lines(hint));
    }
}

/// Each line safe to print; a message may be several (a caret under the place of a mistake).
fn safe_lines(text: &str) -> String {
    let lines: Vec<_> = text
        .trim_end()
        .lines()
        .map(drawing::escape::printable)
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_several_decides() {
        let check = |gate_hit, input_lost, expected: u8| {
            let code = code_of(Ok(Outcome {
                gate_hit,
                input_lost,
            }));
            assert_eq!(
                format!("{code:?}"),
                format!("{:?}", ExitCode::from(expected))
            );
        };
        check(false, false, 0);
        check(true, false, 1);
        check(true, true, 3);
    }

    #[test]
    fn lines_stay_lines_and_escapes_do_not_pass() {
        assert_eq!(safe_lines("a\n  ^\n"), "a\n  ^");
        assert_eq!(safe_lines("a\u{1b}[31m"), "a\\x1b[31m");
    }
}
