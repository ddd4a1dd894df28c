-- Who may sign in, and with what. Secrets are kept as digests (tokens, sessions, links), as Argon2id (passwords) or sealed with
-- a key that is not in the store (TOTP). `people` has the name; an account has what it may.
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY,
  person INTEGER NOT NULL REFERENCES people (id),
  login TEXT NOT NULL UNIQUE,
  roles TEXT NOT NULL,
  owners TEXT,
  password TEXT,
  password_set INTEGER,
  totp BLOB,
  totp_step INTEGER NOT NULL,
  subject TEXT UNIQUE,
  failures INTEGER NOT NULL,
  locked_until INTEGER,
  disabled INTEGER NOT NULL,
  created INTEGER NOT NULL,
  last_seen INTEGER
) STRICT;

CREATE TABLE earlier_passwords (
  account INTEGER NOT NULL REFERENCES accounts (id),
  place INTEGER NOT NULL,
  password TEXT NOT NULL,
  PRIMARY KEY (account, place)
) STRICT;

CREATE TABLE passkeys (
  id BLOB NOT NULL PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  bytes BLOB NOT NULL,
  created INTEGER NOT NULL,
  last_used INTEGER
) STRICT;
CREATE INDEX passkeys_by_account ON passkeys (account);

CREATE TABLE sessions (
  digest BLOB NOT NULL PRIMARY KEY,
  account INTEGER NOT NULL REFERENCES accounts (id),
  factors TEXT NOT NULL,
  client TEXT NOT NULL,
  created INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  ends INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account);

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  account INTEGER NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  roles TEXT NOT NULL,
  owners TEXT,
  created INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  last_used INTEGER,
  revoked INTEGER
) STRICT;

CREATE TABLE links (
  digest BLOB NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  account INTEGER REFERENCES accounts (id),
  created INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  used INTEGER
) STRICT;
