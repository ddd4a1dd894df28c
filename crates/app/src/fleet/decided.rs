//! What people decided, and what nobody says yet, as lists.

use fleet::questions::Question;
use reports::briefing::{HOST_NAMES, Hosts as HostNames};
use reports::listing::{self, DecisionRow, Listing, QuestionRow, Statement};

use crate::fleet::life::Lives;
use crate::fleet::lists::statement;
use crate::fleet::view::View;

/// Suppressions and mitigations, and where each stands.
pub fn decisions(view: &View, lives: &Lives) -> Listing {
    let mut rows: Vec<DecisionRow> = Vec::new();
    for (number, suppression) in &lives.suppressions {
        let voids = lives.void.iter().chain(&lives.voided);
        let voids = voids.filter(|(of, _)| of == number).map(|(_, void)| {
            let fact = void.fact.as_str();
            format!(
                "since {}: {fact} was {}, is {}",
                void.since, void.was, void.is
            )
        });
        rows.push(DecisionRow {
            kind: "suppression",
            number: *number,
            scope: suppression.scope.clone(),
            owner: suppression.owner.clone(),
            reason: suppression.reason.clone(),
            until: suppression.until,
            void: voids.collect(),
            states: Vec::new(),
        });
    }
    for mitigation in &lives.mitigations {
        let states = lives.states.get(&mitigation.number).into_iter().flatten();
        let states =
            states.map(|(state, hosts)| format!("{} on {} hosts", state.as_str(), hosts.len()));
        rows.push(DecisionRow {
            kind: "mitigation",
            number: mitigation.number,
            scope: mitigation.cover.words(),
            owner: mitigation.told_by.clone(),
            reason: mitigation.measure.words(),
            until: Some(mitigation.until),
            void: Vec::new(),
            states: states.collect(),
        });
    }
    listing::decisions(of(view, rows.len()), rows)
}

/// Questions that are open, as they were asked.
pub fn open_questions(view: &View, asked: &[Question]) -> Listing {
    let rows = asked.iter().map(|question| QuestionRow {
        deadlines: question.deadlines,
        question: question.text.clone(),
        moves: question
            .moves
            .iter()
            .map(|(answer, n)| format!("{answer} {n}"))
            .collect(),
        answer: question.command.clone(),
        vulnerability: question.vulnerability.clone(),
        hosts: named(view, &question.hosts),
    });
    let rows: Vec<QuestionRow> = rows.collect();
    listing::questions(of(view, rows.len()), rows)
}

fn named(view: &View, places: &[usize]) -> HostNames {
    let placed = places.iter().filter_map(|at| view.hosts.placed.get(*at));
    HostNames {
        total: places.len(),
        names: placed
            .take(HOST_NAMES)
            .map(|one| one.host.name.clone())
            .collect(),
    }
}

fn of(view: &View, total: usize) -> Statement {
    Statement {
        total,
        ..statement(view)
    }
}
