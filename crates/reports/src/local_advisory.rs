//! An advisory of our own, with the hosts it hits and what others say of the same hole (`daywatch.advisory/1`), and the list of
//! them (`daywatch.advisories/1`).

use base::Severity;
use drawing::escape::printable;
use drawing::style::{Ink, Style};
use drawing::text::{count, paragraph, thousands};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::briefing::Hosts;
use crate::explanation::AffectedPackage;
use crate::wording::instant;

/// Hosts that the text names.
const HOSTS_SHOWN: usize = 8;

/// An advisory of our own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LocalAdvisory {
    /// `LOCAL-2026-1`.
    pub id: String,
    /// What it is.
    pub summary: String,
    /// Other ids of the same hole.
    pub aliases: Vec<String>,
    /// Who rates it how; `None` where nobody does.
    pub severity: Option<Severity>,
    /// A CVSS vector, if somebody gave one.
    pub cvss: Option<String>,
    /// Who says that it is exploited, and since when.
    pub exploited: Option<(String, Option<String>)>,
    /// Where a person reads more.
    pub link: Option<String>,
    /// What has it.
    pub affected: Vec<AffectedPackage>,
    /// Ports, files and updates to find hosts by.
    pub places: Vec<String>,
    /// When it was made, and by whom.
    pub made: (Timestamp, String),
    /// When it was last changed or withdrawn, and by whom; `None` of one that stands as it was made.
    pub changed: Option<(Timestamp, String)>,
    /// It holds no longer.
    pub is_withdrawn: bool,
    /// What it hits; `None` in a list.
    pub hits: Option<Hit>,
    /// What others say of the same hole; `None` in a list.
    pub others: Option<Others>,
}

/// What an advisory hits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    /// Hosts with a finding.
    pub hosts: Hosts,
    /// Findings that stand on them, those that are set aside included.
    pub findings: usize,
    /// The earliest deadline.
    pub due: Option<Timestamp>,
    /// Hosts at one of its places: no finding, since no version says that they have it.
    pub at_places: Hosts,
}

/// What others say of the same hole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Others {
    /// Records that name one of our packages, with where they part from ours, one sentence each.
    pub records: Vec<(String, Vec<String>)>,
    /// Records of the same hole that name none of our packages.
    pub elsewhere: Vec<String>,
}

impl LocalAdvisory {
    /// For a terminal or a file.
    pub fn to_text(&self, style: Style) -> String {
        let mut out = style.paint(Ink::Strong, &printable(&self.id));
        out.push_str(&format!("  {}\n", printable(&self.marked())));
        let mut say = |text: &str| {
            out.push_str(&paragraph("  ", "    ", &printable(text), style.columns()));
            out.push('\n');
        };
        say(&self.summary);
        self.facts().iter().for_each(|fact| say(fact));
        if let Some(hits) = &self.hits {
            self.hit_lines(hits).iter().for_each(|line| say(line));
        }
        if let Some(others) = &self.others {
            self.other_lines(others).iter().for_each(|line| say(line));
        }
        out
    }

    /// One line of a list.
    pub fn to_line(&self) -> String {
        let severity = self.severity.map_or("unrated", Severity::as_str);
        let exploited = match self.exploited {
            Some(_) => ", exploited",
            None => "",
        };
        format!(
            "{}  {severity}{exploited}  {}\n    {}\n",
            printable(&self.id),
            printable(&self.summary),
            printable(&self.marked())
        )
    }

    /// `ours, 2026-11-24T14:09:00Z, by on-call`.
    fn marked(&self) -> String {
        let said = |(at, by): &(Timestamp, String)| format!("{}, by {by}", instant(*at));
        let made = format!("ours, {}", said(&self.made));
        match &self.changed {
            Some(act) if self.is_withdrawn => format!("{made}; withdrawn {}", said(act)),
            Some(act) => format!("{made}; changed {}", said(act)),
            None => made,
        }
    }

    fn facts(&self) -> Vec<String> {
        let severity = self.severity.map(|s| format!("severity: {s}"));
        let cvss = self.cvss.as_ref().map(|vector| format!("cvss: {vector}"));
        let exploited = self.exploited.as_ref().map(|(says, since)| {
            let since = since.as_ref().map(|day| format!(", since {day}"));
            format!("exploited: yes, says {says}{}", since.unwrap_or_default())
        });
        let aliases =
            (!self.aliases.is_empty()).then(|| format!("also: {}", self.aliases.join(", ")));
        let link = self.link.as_ref().map(|link| format!("link: {link}"));
        let affected = self.affected.iter().map(|package| {
            let ranges = package.ranges.iter().cloned();
            let exact = package
                .versions
                .iter()
                .map(|version| format!("= {version}"));
            let words: Vec<String> = ranges.chain(exact).collect();
            let AffectedPackage {
                ecosystem, package, ..
            } = package;
            format!("affected: {package} of {ecosystem}, {}", words.join(" or "))
        });
        let places = self.places.iter().map(|place| format!("found by: {place}"));
        let facts = [severity, cvss, exploited, aliases, link];
        let facts = facts.into_iter().flatten();
        facts.chain(affected).chain(places).collect()
    }

    fn hit_lines(&self, hits: &Hit) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.affected.is_empty() {
            lines.push(match hits.hosts.is_empty() {
                true => "hits no host that has reported".to_owned(),
                false => {
                    let due = hits.due.map(|by| format!(", due {}", instant(by)));
                    let findings = count(hits.findings, "finding", "findings");
                    let hosts = hits.hosts.said(HOSTS_SHOWN);
                    format!("{findings} on {hosts}{}", due.unwrap_or_default())
                }
            });
        }
        if !self.places.is_empty() {
            lines.push(match hits.at_places.is_empty() {
                true => "no host is found by a port, file or update of it".to_owned(),
                false => {
                    let hosts = hits.at_places.said(HOSTS_SHOWN);
                    format!("to look at, no version says that they have it: {hosts}")
                }
            });
        }
        lines
    }

    fn other_lines(&self, others: &Others) -> Vec<String> {
        let mut lines = Vec::new();
        for (id, differences) in &others.records {
            match differences.is_empty() {
                true => lines.push(format!("{id} says the same")),
                false => lines.extend(differences.iter().map(|d| format!("differs: {d}"))),
            }
        }
        if !others.elsewhere.is_empty() {
            let named = &others.elsewhere[..others.elsewhere.len().min(HOSTS_SHOWN)];
            let more = others.elsewhere.len() - named.len();
            let more = match more {
                0 => String::new(),
                more => format!(" and {} more", thousands(more)),
            };
            lines.push(format!(
                "also published, for other packages than ours: {}{more}",
                named.join(", ")
            ));
        }
        if !others.records.is_empty() && !self.is_withdrawn {
            let id = &self.id;
            lines.push(format!(
                "where theirs is right, `daywatch advisory withdraw {id} --by ROLE` takes ours back"
            ));
        } else if others.elsewhere.is_empty() && !self.is_withdrawn {
            let id = &self.id;
            lines.push(format!(
                "no source has a record of it; `daywatch advisory alias {id} CVE-… --by ROLE` names its CVE when there is one"
            ));
        }
        lines
    }

    /// `daywatch.advisory/1`.
    pub fn to_json(&self) -> String {
        let mut value = self.value();
        value["schema"] = json!("daywatch.advisory/1");
        format!("{value:#}\n")
    }

    fn value(&self) -> Value {
        let affected: Vec<Value> = self
            .affected
            .iter()
            .map(|a| json!({"ecosystem": a.ecosystem, "package": a.package, "ranges": a.ranges, "versions": a.versions}))
            .collect();
        json!({
            "id": self.id, "summary": self.summary, "aliases": self.aliases, "severity": self.severity.map(Severity::as_str),
            "cvss": self.cvss, "link": self.link, "affected": affected, "places": self.places,
            "exploited": self.exploited.as_ref().map(|(says, since)| json!({"says": says, "since": since})),
            "made_at": instant(self.made.0), "made_by": self.made.1,
            "changed_at": self.changed.as_ref().map(|(at, _)| instant(*at)),
            "changed_by": self.changed.as_ref().map(|(_, by)| by),
            "withdrawn": self.is_withdrawn,
            "hits": self.hits.as_ref().map(hit_json),
            "others": self.others.as_ref().map(others_json),
        })
    }
}

/// `daywatch.advisories/1`.
pub fn list_json(advisories: &[LocalAdvisory], as_of: Option<Timestamp>) -> String {
    let all: Vec<Value> = advisories.iter().map(LocalAdvisory::value).collect();
    let value = json!({
        "schema": "daywatch.advisories/1", "as_of": as_of.map(instant), "total": all.len(), "advisories": all,
    });
    format!("{value:#}\n")
}

fn hit_json(hits: &Hit) -> Value {
    let hosts = |hosts: &Hosts| json!({"total": hosts.total, "names": hosts.names});
    json!({
        "findings": hits.findings, "hosts": hosts(&hits.hosts), "due": hits.due.map(instant),
        "at_places": hosts(&hits.at_places),
    })
}

fn others_json(others: &Others) -> Value {
    let records: Vec<Value> = others
        .records
        .iter()
        .map(|(id, differences)| json!({"id": id, "differences": differences}))
        .collect();
    json!({"records": records, "elsewhere": others.elsewhere})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> LocalAdvisory {
        LocalAdvisory {
            id: "LOCAL-2026-1".to_owned(),
            summary: "Login without a \u{1b}[31mpassword".to_owned(),
            affected: vec![AffectedPackage {
                ecosystem: "product".to_owned(),
                package: "acme/gateway".to_owned(),
                ranges: vec!["< 7.4.2".to_owned()],
                versions: Vec::new(),
            }],
            made: (
                "2026-11-24T14:09:00Z".parse().unwrap(),
                "on-call".to_owned(),
            ),
            hits: Some(Hit {
                hosts: Hosts::named(["gw-1".to_owned()]),
                findings: 1,
                ..Hit::default()
            }),
            others: Some(Others::default()),
            ..LocalAdvisory::default()
        }
    }

    #[test]
    fn it_is_marked_as_ours_and_text_from_outside_is_escaped() {
        let text = ours().to_text(Style::PLAIN);
        assert!(text.starts_with("LOCAL-2026-1  ours, 2026-11-24T14:09:00Z, by on-call\n"));
        assert!(text.contains("1 finding on gw-1"), "{text}");
        assert!(text.contains("no source has a record of it"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }

    #[test]
    fn every_key_of_the_json_is_there_and_unknown_is_null() {
        let value: Value = serde_json::from_str(&ours().to_json()).unwrap();
        assert_eq!(value["schema"], "daywatch.advisory/1");
        for key in [
            "severity",
            "cvss",
            "link",
            "exploited",
            "changed_at",
            "changed_by",
        ] {
            assert!(value.as_object().unwrap().contains_key(key), "{key}");
            assert!(value[key].is_null(), "{key}");
        }
        assert_eq!(value["hits"]["hosts"]["names"][0], "gw-1");
    }

    #[test]
    fn where_others_part_from_ours_is_told_with_the_way_to_take_ours_back() {
        let differs = "acme/gateway of product: LOCAL-2026-1 has < 7.4.2, ACME-1 has < 7.4.3";
        let mut advisory = ours();
        advisory.others = Some(Others {
            records: vec![("ACME-1".to_owned(), vec![differs.to_owned()])],
            elsewhere: vec!["DSA-1".to_owned()],
        });
        let text = advisory.to_text(Style::PLAIN).replace("\n    ", " ");
        assert!(text.contains(differs), "{text}");
        assert!(text.contains("advisory withdraw LOCAL-2026-1"), "{text}");
        assert!(
            text.contains("for other packages than ours: DSA-1"),
            "{text}"
        );
    }
}
