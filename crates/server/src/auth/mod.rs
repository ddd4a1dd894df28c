//! Who asks, may they, and is it really them.
//!
//! Every request passes [`outer`]: the name it was sent to, where it comes from, how often. Then [`caller`] looks up who has the cookie or
//! the token; the route is held to what the table says. [`form`] is the only way to read a form.

pub(crate) mod caller;
pub(crate) mod cookie;
pub(crate) mod form;
pub(crate) mod outer;
