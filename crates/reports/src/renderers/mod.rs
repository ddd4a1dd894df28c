//! One file a format, and the list.
