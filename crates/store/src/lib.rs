//! What the fleet is and was: one file per noun, one set of types, on SQLite and on PostgreSQL.
