-- Who may sign in, and with what. Secrets are kept as digests (tokens, sessions, links), as Argon2id (passwords) or sealed with
-- a key that is not in the store (TOTP). `people` has the name; an account has what it may.
CREATE TABLE accounts (
  id BIGINT PRIMARY KEY,
  person BIGINT NOT NULL REFERENCES people (id),
  login TEXT NOT NULL UNIQUE,
  roles TEXT NOT NULL,
  owners TEXT,
  password TEXT,
  password_set BIGINT,
  totp BYTEA,
  totp_step BIGINT NOT NULL,
  subject TEXT UNIQUE,
  failures BIGINT NOT NULL,
  locked_until BIGINT,
  disabled BIGINT NOT NULL,
  created BIGINT NOT NULL,
  last_seen BIGINT
);

CREATE TABLE earlier_passwords (
  account BIGINT NOT NULL REFERENCES accounts (id),
  place BIGINT NOT NULL,
  password TEXT NOT NULL,
  PRIMARY KEY (account, place)
);

CREATE TABLE passkeys (
  id BYTEA NOT NULL PRIMARY KEY,
  account BIGINT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  bytes BYTEA NOT NULL,
  created BIGINT NOT NULL,
  last_used BIGINT
);
CREATE INDEX passkeys_by_account ON passkeys (account);

CREATE TABLE sessions (
  digest BYTEA NOT NULL PRIMARY KEY,
  account BIGINT NOT NULL REFERENCES accounts (id),
  factors TEXT NOT NULL,
  client TEXT NOT NULL,
  created BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  ends BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account);

CREATE TABLE tokens (
  id BIGINT PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  account BIGINT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL,
  roles TEXT NOT NULL,
  owners TEXT,
  created BIGINT NOT NULL,
  ends BIGINT NOT NULL,
  last_used BIGINT,
  revoked BIGINT
);

CREATE TABLE links (
  digest BYTEA NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  account BIGINT REFERENCES accounts (id),
  created BIGINT NOT NULL,
  ends BIGINT NOT NULL,
  used BIGINT
);
