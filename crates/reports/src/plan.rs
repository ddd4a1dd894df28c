//! What is said of a plan, whatever the format: the words of an item and a step, the text of a ticket, and an earlier plan read
//! back from its JSON. The plan itself is [`fleet::plan::Plan`].

mod previous;
mod ticket;
pub(crate) mod words;

pub use previous::{PLAN_BYTES, parse_previous};
pub use ticket::{TICKET_HOSTS, Ticket, ticket};
