//! The tickets of a plan as text, one after the other: subject, key, body.

use fleet::plan::Plan;

use crate::plan::ticket;
use crate::renderers::{Options, PlanRenderer};

/// The format.
pub(in crate::renderers) struct Tickets;

impl PlanRenderer for Tickets {
    fn id(&self) -> &'static str {
        "tickets"
    }

    fn about(&self) -> &'static str {
        "ready text for a tracker, one ticket an item, owner and window, with a key that stays"
    }

    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "tickets.txt"
    }

    fn render(&self, plan: &Plan, _: &Options) -> String {
        let mut out = String::new();
        for item in &plan.items {
            for step in &item.steps {
                let ticket = ticket(plan, item, step);
                out.push_str(&format!("Subject: {}\n\n{}\n", ticket.subject, ticket.body));
            }
        }
        if out.is_empty() {
            out.push_str("nothing to do\n");
        }
        out
    }
}
