BEGIN;

-- People by e-mail address, their sessions and the key of cookies: all of this is the owner's alone.
-- password_hash is null for whoever signs in elsewhere.
CREATE TABLE IF NOT EXISTS enterprise.people (
    email varchar(255) PRIMARY KEY CHECK (email = lower(email)),
    role varchar(10) NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
    password_hash text,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    signed_in_at timestamptz
);

-- id_hash is the SHA-256 of what the cookie holds: whoever reads this table cannot sign in with it.
CREATE TABLE IF NOT EXISTS enterprise.sessions (
    id_hash bytea PRIMARY KEY,
    email varchar(255) NOT NULL REFERENCES enterprise.people ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    address varchar(100) NOT NULL,
    agent varchar(255) NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_email_idx ON enterprise.sessions (email, created_at);
CREATE INDEX IF NOT EXISTS sessions_expires_at_idx ON enterprise.sessions (expires_at);

-- Attempts to sign in that came to nothing, by account and by address.
CREATE TABLE IF NOT EXISTS enterprise.sign_in_attempts (
    subject varchar(300) PRIMARY KEY,
    attempts integer NOT NULL,
    last_at timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS sign_in_attempts_last_at_idx ON enterprise.sign_in_attempts (last_at);

-- What cookies are signed with: one for all API processes, whoever of them makes it first.
CREATE TABLE IF NOT EXISTS enterprise.signing_keys (
    purpose varchar(50) PRIMARY KEY,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN enterprise.sign_in_attempts.subject IS 'account:<e-mail address> or address:<network address>';

COMMIT;
