//! The calendar, read by the parser of the crate `icalendar`.

use icalendar::parser::{read_calendar, unfold};
use reports::plan::ticket;

use crate::sample::{HOSTILE, hostile, render, rich};

fn check(text: &str) -> Vec<Vec<(String, String)>> {
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "{line}");
        assert!(!line.contains(['\n', '\r', '\u{1b}']), "{line}");
    }
    let unfolded = unfold(text);
    let calendar = read_calendar(&unfolded).unwrap();
    let events = calendar.components.iter().map(|event| {
        assert_eq!(event.name.as_str(), "VEVENT");
        let properties = event.properties.iter();
        properties
            .map(|p| (p.name.to_string(), p.val.to_string()))
            .collect()
    });
    events.collect()
}

fn value<'a>(event: &'a [(String, String)], name: &str) -> &'a str {
    let mut of = event.iter().filter(|(n, _)| n == name);
    let value = of.next().map_or("", |(_, value)| value.as_str());
    assert!(of.next().is_none(), "{name} twice");
    value
}

#[test]
fn every_step_with_a_window_or_a_date_is_an_event_with_a_uid_that_stays() {
    let plan = rich();
    let events = check(&render(&plan, "ics"));
    let mut steps = plan
        .items
        .iter()
        .flat_map(|i| i.steps.iter().map(move |s| (i, s)));
    let expected = steps
        .clone()
        .filter(|(_, s)| s.window.is_some() || s.due.is_some())
        .count();
    assert_eq!(events.len(), expected);
    let (item, step) = steps.next().unwrap();
    let first = &events[0];
    assert_eq!(value(first, "UID"), format!("{}@daywatch", step.key));
    assert_eq!(value(first, "DTSTAMP"), "20260601T120000Z");
    assert_eq!(
        (value(first, "DTSTART"), value(first, "DTEND")),
        ("20260604T200000Z", "20260605T000000Z")
    );
    let body = ticket(&plan, item, step).body;
    let said = value(first, "DESCRIPTION")
        .replace("\\n", "\n")
        .replace("\\,", ",")
        .replace("\\;", ";")
        .replace("\\\\", "\\");
    assert_eq!(said, body.trim_end());
    assert!(value(first, "SUMMARY").starts_with("After the due date: DO NOT PATCH YET"));
}

#[test]
fn hostile_text_makes_no_line_of_its_own() {
    for text in HOSTILE {
        for event in check(&render(&hostile(text), "ics")) {
            let names: Vec<&str> = event.iter().map(|(name, _)| name.as_str()).collect();
            let known = [
                "UID",
                "DTSTAMP",
                "DTSTART",
                "DTEND",
                "SUMMARY",
                "DESCRIPTION",
                "TRANSP",
            ];
            assert!(names.iter().all(|name| known.contains(name)), "{names:?}");
        }
    }
}
