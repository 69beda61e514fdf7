-- Values the proxy makes for itself and must keep, such as the secret that signs client tokens.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Every session the proxy made. Times are milliseconds of Unix time.
CREATE TABLE sessions (
    session_id   TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL,
    -- SHA-256 of the secret in the session's webhook path.
    webhook_hash BLOB UNIQUE,
    status       TEXT NOT NULL,
    terminal     INTEGER NOT NULL DEFAULT 0,
    -- What browsers see of it has changed so many times.
    rev          INTEGER NOT NULL,
    -- The provider's last answer, without its URLs, which are credentials.
    upstream     TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    -- When the proxy learned that it was over, and its place in the order of endings.
    ended_at     INTEGER,
    end_number   INTEGER UNIQUE
) STRICT;

CREATE INDEX sessions_live ON sessions (terminal) WHERE terminal = 0;

-- What was asked for under each idempotency key. Without a session_id: sent, and no answer is known.
CREATE TABLE creations (
    user_id    TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  BLOB NOT NULL,
    session_id TEXT REFERENCES sessions (session_id),
    -- Kept for a repeated request only as long as it can be of use.
    embed_url  TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;

CREATE INDEX creations_session ON creations (session_id);

-- What webhooks said. The account's data is not kept from here: it comes from the provider itself.
CREATE TABLE deliveries (
    id           INTEGER PRIMARY KEY,
    session_id   TEXT NOT NULL REFERENCES sessions (session_id),
    -- SHA-256 of the body: a repeated delivery is one.
    body_hash    BLOB NOT NULL,
    status       TEXT NOT NULL,
    proof_hash   TEXT,
    completed_at INTEGER,
    received_at  INTEGER NOT NULL,
    -- Null until the provider was asked about it.
    checked_at   INTEGER,
    UNIQUE (session_id, body_hash)
) STRICT;

CREATE INDEX deliveries_unchecked ON deliveries (session_id) WHERE checked_at IS NULL;
