//! The plan as iCalendar (RFC 5545): an event a step, in its window, or at its date where no window is known. What has neither is
//! not in a calendar.
//!
//! UID is the key of the step, so that a calendar replaces an event it has; DTSTAMP is the plan's moment, which makes the
//! file a function of the plan.

use drawing::escape::printable;
use fleet::plan::{InTime, Item, Plan, Step};
use jiff::Timestamp;

use crate::plan::ticket;
use crate::renderers::{Options, PlanRenderer};

/// Octets of a line without its end (RFC 5545 §3.1).
const LINE_OCTETS: usize = 75;

/// The format.
pub(in crate::renderers) struct Ics;

impl PlanRenderer for Ics {
    fn id(&self) -> &'static str {
        "ics"
    }

    fn about(&self) -> &'static str {
        "an event a step for a calendar (iCalendar, RFC 5545)"
    }

    fn media_type(&self) -> &'static str {
        "text/calendar; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "ics"
    }

    fn render(&self, plan: &Plan, options: &Options) -> String {
        let version = text(&options.tool_version);
        let mut lines = vec![
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            format!("PRODID:-//Daywatch//Daywatch {version}//EN"),
            "CALSCALE:GREGORIAN".to_owned(),
            "METHOD:PUBLISH".to_owned(),
        ];
        for item in &plan.items {
            for step in &item.steps {
                lines.extend(event(plan, item, step).into_iter().flatten());
            }
        }
        lines.push("END:VCALENDAR".to_owned());
        lines.iter().map(|line| folded(line)).collect()
    }
}

fn event(plan: &Plan, item: &Item, step: &Step) -> Option<Vec<String>> {
    let times = match (&step.window, &step.due) {
        (Some(window), _) => vec![
            format!("DTSTART:{}", utc(window.start)),
            format!("DTEND:{}", utc(window.end)),
        ],
        (None, Some((by, _))) => vec![format!("DTSTART:{}", utc(*by))],
        (None, None) => return None,
    };
    let ticket = ticket(plan, item, step);
    let late = match step.in_time {
        InTime::No => "After the due date: ",
        InTime::NoWindow => "Due, no window: ",
        InTime::Yes | InTime::NoDate => "",
    };
    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@daywatch", step.key),
        format!("DTSTAMP:{}", utc(plan.now)),
    ];
    lines.extend(times);
    lines.push(format!(
        "SUMMARY:{}",
        text(&format!("{late}{}", ticket.subject))
    ));
    lines.push(format!("DESCRIPTION:{}", text(&ticket.body)));
    lines.push("TRANSP:TRANSPARENT".to_owned());
    lines.push("END:VEVENT".to_owned());
    Some(lines)
}

/// A UTC time (§3.3.5, form 2).
fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A TEXT value (§3.3.11): backslash, semicolon, comma and line feed are escaped, what else is not printable is `\xNN`.
fn text(value: &str) -> String {
    let lines = value.lines().map(|line| {
        let line = printable(line);
        line.replace('\\', "\\\\")
            .replace(';', "\\;")
            .replace(',', "\\,")
    });
    lines.collect::<Vec<_>>().join("\\n")
}

/// A content line with its end, folded at 75 octets and never within a character (§3.1).
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_OCTETS {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(c);
        octets += c.len_utf8();
    }
    out + "\r\n"
}
