//! What stands beside what is open, in words: mitigated, and installed but not running.

use drawing::text::{count, thousands};

use super::{NAMES, places};
use crate::briefing::{Briefing, Mitigated, Restart, Scope};
use crate::wording::{day, first_names};

/// How many lines of each kind the page shows.
const LINES: usize = 5;

/// `5 mitigated, 23 installed and not running`; nothing when there are none.
pub(super) fn beside(scope: &Scope) -> Option<String> {
    let parts = [
        (scope.mitigated, "mitigated"),
        (scope.await_restart, "installed and not running"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, words)| format!("{} {words}", thousands(*n)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What only a restart is missing for.
pub(in crate::renderers) fn restarts(briefing: &Briefing) -> Vec<String> {
    let all = &briefing.restarts;
    let mut lines: Vec<String> = all.iter().take(LINES).map(restart).collect();
    lines.extend(super::rest(all.len(), LINES));
    lines
}

/// `openssl on 3 hosts: a, b and 1 more (linux-ops): restart nginx, sshd; closes 12 findings, 1 known exploited`.
fn restart(restart: &Restart) -> String {
    let package = match restart.package.as_str() {
        "" => "replaced code",
        package => package,
    };
    let what = match restart.programs.as_slice() {
        [] => "restart".to_owned(),
        programs => format!("restart {}", first_names(programs, NAMES)),
    };
    let closes = match (restart.findings, restart.known_exploited) {
        (0, _) => String::new(),
        (n, 0) => format!("; closes {}", count(n, "finding", "findings")),
        (n, kev) => format!(
            "; closes {}, {} known exploited",
            count(n, "finding", "findings"),
            thousands(kev)
        ),
    };
    let place = places(&restart.hosts, &restart.owners);
    format!("{package} on {place}: {what}{closes}")
}

/// What is held off, and until when.
pub(in crate::renderers) fn mitigated(briefing: &Briefing) -> Vec<String> {
    let all = &briefing.mitigated;
    let mut lines: Vec<String> = all.iter().take(LINES).map(held_off).collect();
    lines.extend(super::rest(all.len(), LINES));
    lines
}

/// `port 443 closed, until 2026-09-01: CVE-2026-1 on 3 hosts: …; 3 findings`.
fn held_off(mitigated: &Mitigated) -> String {
    let until = match mitigated.until {
        Some(at) => format!("until {}", day(at)),
        None => "without an end".to_owned(),
    };
    let exploited = match mitigated.known_exploited {
        0 => String::new(),
        n => format!(", {} known exploited", thousands(n)),
    };
    format!(
        "{}, {until}: {} on {}; {}{exploited}",
        mitigated.how,
        first_names(&mitigated.vulnerabilities, NAMES),
        mitigated.hosts.said(NAMES),
        count(mitigated.findings, "finding", "findings")
    )
}
