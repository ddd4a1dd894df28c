-- The fleet: what hosts are and were, and the log that says how we came to know. Digests are SHA-256; moments are
-- microseconds since 1970; `learned` is a place in the log.
CREATE TABLE migrations (
  number BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL
);

-- Who updates the row is the one writer.
CREATE TABLE writer (
  one BIGINT PRIMARY KEY CHECK (one = 1),
  turn BIGINT NOT NULL
);
INSERT INTO writer (one, turn) VALUES (1, 0);

CREATE TABLE situations (
  digest BYTEA NOT NULL PRIMARY KEY,
  bytes BYTEA NOT NULL
);

CREATE TABLE releases (
  id BIGINT PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  bytes BYTEA NOT NULL
);

CREATE TABLE inventories (
  digest BYTEA NOT NULL PRIMARY KEY,
  bytes BYTEA NOT NULL
);

CREATE TABLE package_sets (
  digest BYTEA NOT NULL PRIMARY KEY,
  bytes BYTEA NOT NULL
);

CREATE TABLE blobs (
  digest BYTEA NOT NULL PRIMARY KEY,
  size BIGINT NOT NULL,
  bytes BYTEA NOT NULL
);

CREATE TABLE people (
  id BIGINT PRIMARY KEY,
  name TEXT,
  salt BYTEA,
  digest BYTEA NOT NULL
);
CREATE INDEX people_by_name ON people (name);

CREATE TABLE hosts (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  learned BIGINT NOT NULL
);
CREATE INDEX hosts_by_name ON hosts (name);

CREATE TABLE answers (
  learned BIGINT NOT NULL,
  one BIGINT NOT NULL REFERENCES hosts (id),
  other BIGINT NOT NULL REFERENCES hosts (id),
  answer TEXT NOT NULL,
  PRIMARY KEY (learned, one, other)
);

CREATE TABLE identifiers (
  host BIGINT NOT NULL REFERENCES hosts (id),
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  source TEXT NOT NULL,
  learned BIGINT NOT NULL,
  PRIMARY KEY (kind, value, host, learned)
);
CREATE INDEX identifiers_by_host ON identifiers (host);

CREATE TABLE facts (
  host BIGINT NOT NULL REFERENCES hosts (id),
  fact TEXT NOT NULL,
  authority TEXT NOT NULL,
  source TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  learned BIGINT NOT NULL,
  value TEXT,
  PRIMARY KEY (host, fact, authority, source, valid_from, learned)
);

CREATE TABLE log (
  sequence BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  opened BIGINT NOT NULL,
  closed BIGINT NOT NULL,
  reopened BIGINT NOT NULL,
  transitions BYTEA NOT NULL,
  body_digest BYTEA NOT NULL,
  actor TEXT NOT NULL,
  previous BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  body BYTEA NOT NULL
);
CREATE INDEX log_by_moment ON log (at);

CREATE TABLE reports (
  sequence BIGINT PRIMARY KEY REFERENCES log (sequence),
  host BIGINT NOT NULL REFERENCES hosts (id),
  seen_at BIGINT NOT NULL,
  at BIGINT NOT NULL,
  source TEXT NOT NULL,
  inventory BYTEA NOT NULL REFERENCES inventories (digest),
  package_set BYTEA NOT NULL REFERENCES package_sets (digest)
);
CREATE INDEX reports_by_host ON reports (host, seen_at, sequence);

CREATE TABLE removals (
  sequence BIGINT PRIMARY KEY REFERENCES log (sequence),
  host BIGINT NOT NULL REFERENCES hosts (id)
);
CREATE INDEX removals_by_host ON removals (host, sequence);

CREATE TABLE records (
  kind TEXT NOT NULL,
  number BIGINT NOT NULL,
  version BIGINT NOT NULL,
  learned BIGINT NOT NULL,
  actor TEXT NOT NULL,
  withdrawn BIGINT NOT NULL,
  salt BYTEA NOT NULL,
  digest BYTEA NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (kind, number, version)
);

CREATE TABLE catalogs (
  digest TEXT NOT NULL PRIMARY KEY,
  learned BIGINT NOT NULL,
  file TEXT
);

CREATE TABLE feeds (
  catalog TEXT NOT NULL REFERENCES catalogs (digest),
  name TEXT NOT NULL,
  as_of TEXT,
  PRIMARY KEY (catalog, name)
);

CREATE TABLE checkpoints (
  sequence BIGINT PRIMARY KEY,
  digest BYTEA NOT NULL
);

CREATE TABLE checkpoint_parts (
  sequence BIGINT NOT NULL REFERENCES checkpoints (sequence),
  part BIGINT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY (sequence, part)
);
