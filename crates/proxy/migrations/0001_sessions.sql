-- Values that the proxy generates once, such as the secret that signs client tokens.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Sessions created by the proxy. Times are milliseconds of Unix time.
CREATE TABLE sessions (
    session_id   TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL,
    -- SHA-256 of the secret in the session's webhook path.
    webhook_hash BLOB UNIQUE,
    status       TEXT NOT NULL,
    terminal     INTEGER NOT NULL DEFAULT 0,
    -- Number of changes visible to browsers.
    rev          INTEGER NOT NULL,
    -- The provider's last response, without its URLs, which are credentials.
    upstream     TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    expires_at   INTEGER,
    -- Time when the proxy saw that the session had ended, and its number in the order of endings.
    ended_at     INTEGER,
    end_number   INTEGER UNIQUE
) STRICT;

CREATE INDEX sessions_live ON sessions (terminal) WHERE terminal = 0;

-- Creates by idempotency key. session_id is null if a create was sent and its outcome is unknown.
CREATE TABLE creations (
    user_id    TEXT NOT NULL,
    key        TEXT NOT NULL,
    body_hash  BLOB NOT NULL,
    session_id TEXT REFERENCES sessions (session_id),
    -- Kept for a repeated request, and deleted once it cannot be used any more.
    embed_url  TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;

CREATE INDEX creations_session ON creations (session_id);

-- Webhook deliveries, without the account's data, which is fetched from the provider instead.
CREATE TABLE deliveries (
    id           INTEGER PRIMARY KEY,
    session_id   TEXT NOT NULL REFERENCES sessions (session_id),
    -- SHA-256 of the body, which identifies a repeated delivery.
    body_hash    BLOB NOT NULL,
    status       TEXT NOT NULL,
    proof_hash   TEXT,
    completed_at INTEGER,
    received_at  INTEGER NOT NULL,
    -- Time of the request that confirmed the delivery with the provider. Null until then.
    checked_at   INTEGER,
    UNIQUE (session_id, body_hash)
) STRICT;

CREATE INDEX deliveries_unchecked ON deliveries (session_id) WHERE checked_at IS NULL;
