-- The fleet: what hosts are and were, and the log that says how we came to know. Digests are SHA-256; moments are
-- microseconds since 1970; `learned` is a place in the log.
PRAGMA application_id = 0x44617977;

CREATE TABLE migrations (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL
) STRICT;

CREATE TABLE situations (
  digest BLOB NOT NULL PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE releases (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE inventories (
  digest BLOB NOT NULL PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE package_sets (
  digest BLOB NOT NULL PRIMARY KEY,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE blobs (
  digest BLOB NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  name TEXT,
  salt BLOB,
  digest BLOB NOT NULL
) STRICT;
CREATE INDEX people_by_name ON people (name);

CREATE TABLE hosts (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  learned INTEGER NOT NULL
) STRICT;
CREATE INDEX hosts_by_name ON hosts (name);

CREATE TABLE answers (
  learned INTEGER NOT NULL,
  one INTEGER NOT NULL REFERENCES hosts (id),
  other INTEGER NOT NULL REFERENCES hosts (id),
  answer TEXT NOT NULL,
  PRIMARY KEY (learned, one, other)
) STRICT;

CREATE TABLE identifiers (
  host INTEGER NOT NULL REFERENCES hosts (id),
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  source TEXT NOT NULL,
  learned INTEGER NOT NULL,
  PRIMARY KEY (kind, value, host, learned)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifiers_by_host ON identifiers (host);

CREATE TABLE facts (
  host INTEGER NOT NULL REFERENCES hosts (id),
  fact TEXT NOT NULL,
  authority TEXT NOT NULL,
  source TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  learned INTEGER NOT NULL,
  value TEXT,
  PRIMARY KEY (host, fact, authority, source, valid_from, learned)
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
  sequence INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  opened INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  reopened INTEGER NOT NULL,
  transitions BLOB NOT NULL,
  body_digest BLOB NOT NULL,
  actor TEXT NOT NULL,
  previous BLOB NOT NULL,
  hash BLOB NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX log_by_moment ON log (at);

CREATE TABLE reports (
  sequence INTEGER PRIMARY KEY REFERENCES log (sequence),
  host INTEGER NOT NULL REFERENCES hosts (id),
  seen_at INTEGER NOT NULL,
  at INTEGER NOT NULL,
  source TEXT NOT NULL,
  inventory BLOB NOT NULL REFERENCES inventories (digest),
  package_set BLOB NOT NULL REFERENCES package_sets (digest)
) STRICT;
CREATE INDEX reports_by_host ON reports (host, seen_at, sequence);

CREATE TABLE removals (
  sequence INTEGER PRIMARY KEY REFERENCES log (sequence),
  host INTEGER NOT NULL REFERENCES hosts (id)
) STRICT;
CREATE INDEX removals_by_host ON removals (host, sequence);

CREATE TABLE records (
  kind TEXT NOT NULL,
  number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  learned INTEGER NOT NULL,
  actor TEXT NOT NULL,
  withdrawn INTEGER NOT NULL,
  salt BLOB NOT NULL,
  digest BLOB NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (kind, number, version)
) STRICT;

CREATE TABLE catalogs (
  digest TEXT NOT NULL PRIMARY KEY,
  learned INTEGER NOT NULL,
  file TEXT
) STRICT;

CREATE TABLE feeds (
  catalog TEXT NOT NULL REFERENCES catalogs (digest),
  name TEXT NOT NULL,
  as_of TEXT,
  PRIMARY KEY (catalog, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  sequence INTEGER PRIMARY KEY,
  digest BLOB NOT NULL
) STRICT;

CREATE TABLE checkpoint_parts (
  sequence INTEGER NOT NULL REFERENCES checkpoints (sequence),
  part INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (sequence, part)
) STRICT;
