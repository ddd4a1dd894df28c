//! Figures through every renderer.

use fleet::metrics::{By, Ending, Every, Spell};
use reports::metrics::{Basis, Figures, Span, figures};
use reports::renderers::{METRICS_RENDERERS, metrics_renderer};
use serde_json::Value;

use crate::sample::{HOSTILE, at, now, options};

fn spells(owner: &str) -> Vec<Spell> {
    let spell = |opened: &str, closed: Option<&str>| Spell {
        opened: at(opened),
        ended: closed.map(|closed| (at(closed), Ending::Fixed)),
        severity: None,
        exploited_since: Some(at("2026-05-10T00:00:00Z")),
        owner: Some(owner.into()),
        zone: None,
        due: vec![(owner.into(), at("2026-05-20T00:00:00Z"))],
        weight: 10,
    };
    vec![
        spell("2026-05-01T00:00:00Z", Some("2026-05-11T00:00:00Z")),
        spell("2026-05-01T00:00:00Z", Some("2026-05-25T00:00:00Z")),
        spell("2026-05-05T00:00:00Z", None),
    ]
}

fn some(owner: &str) -> Figures {
    let span = Span {
        from: at("2026-05-01T00:00:00Z"),
        now: now(),
        baseline: Some(at("2026-05-02T00:00:00Z")),
        every: Every::Week,
        by: Some(By::Owner),
    };
    figures(&spells(owner), span, basis())
}

fn basis() -> Basis {
    Basis {
        hosts: 30,
        catalog: "blake3:7c1e0b8f42d5a96c3d1f0e8b7a6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b04"
            .to_owned(),
        as_of: None,
        set_aside: 2,
    }
}

/// The figures of the golden files.
pub(crate) fn cases() -> [(&'static str, Figures); 2] {
    let nothing = Span {
        baseline: None,
        by: None,
        ..some("house").span
    };
    [
        ("house", some("house")),
        ("nothing", figures(&[], nothing, Basis::default())),
    ]
}

fn render(figures: &Figures, format: &str) -> String {
    metrics_renderer(format)
        .unwrap()
        .render(figures, &options())
}

#[test]
fn the_text_never_gives_a_mean_and_says_what_is_open() {
    let text = render(&some("house"), "text");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "time to patch: half closed by 24 days (95 %: 10 to not reached); a quarter by 10 days (95 %: 10 to 24)",
        "of 30 findings 10 are open and count with their age",
        "house: 33.3 % held (10 met, 10 late, 10 open past it, 0 to come)",
        "10 findings overdue, 10 known exploited: house 10",
        "backlog of 2026-05-02: 20 then, 0 left; open of what came since: 10",
    ] {
        assert!(flat.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("mean") && !text.contains("MTTR"));
}

#[test]
fn half_that_is_not_reached_is_said() {
    let open = Spell {
        ended: None,
        ..spells("house").remove(0)
    };
    let text = render(&figures(&[open], some("house").span, basis()), "text");
    assert!(text.contains("half closed by not reached"), "{text}");
    let document: Value =
        serde_json::from_str(&render(&figures(&[], some("x").span, basis()), "json")).unwrap();
    assert_eq!(document["time_to_patch"]["median"]["days"], Value::Null);
}

#[test]
fn the_json_has_the_keys_of_its_page() {
    let page = include_str!("../../../../docs/reference/metrics.md");
    let document: Value = serde_json::from_str(&render(&some("house"), "json")).unwrap();
    let keys = document.as_object().unwrap().keys();
    let inner = ["time_to_patch", "exposure", "overdue", "burn_down"]
        .map(|k| document[k].as_object().unwrap().keys());
    let parts = document["parts"][0].as_object().unwrap().keys();
    let periods = document["flow"][0].as_object().unwrap().keys();
    let keys = keys.chain(inner.into_iter().flatten());
    for key in keys.chain(parts).chain(periods) {
        assert!(page.contains(&format!("`{key}`")), "{key}");
    }
    assert_eq!(document["exposure"]["days"], 10.0 * (10.0 + 24.0 + 27.5));
}

#[test]
fn hostile_owners_and_policies_stay_text() {
    for text in HOSTILE {
        for renderer in METRICS_RENDERERS {
            let out = renderer.render(&some(text), &options());
            let acts = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2028}".contains(c);
            assert!(!out.contains(acts), "{}: {out}", renderer.id());
            assert!(renderer.id() != "html" || !out.contains("<script>"));
            assert!(out.ends_with('\n') && !out.contains("style="));
        }
    }
}
