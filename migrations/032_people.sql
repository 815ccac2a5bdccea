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

-- Attempts to sign in that came to nothing: at an account from a network, from a network at whichever account (email is
-- empty), and at an account from whichever network (network is empty).
CREATE TABLE IF NOT EXISTS enterprise.sign_in_attempts (
    email varchar(255) NOT NULL,
    network varchar(100) NOT NULL,
    attempts integer NOT NULL,
    last_at timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL,
    PRIMARY KEY (email, network)
);
CREATE INDEX IF NOT EXISTS sign_in_attempts_last_at_idx ON enterprise.sign_in_attempts (last_at);

-- Where people signed in lately: there nobody is kept waiting for what strangers try elsewhere.
CREATE TABLE IF NOT EXISTS enterprise.known_networks (
    email varchar(255) NOT NULL REFERENCES enterprise.people ON DELETE CASCADE,
    network varchar(100) NOT NULL,
    signed_in_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (email, network)
);

-- What cookies are signed with: one for all API processes, whoever of them makes it first.
CREATE TABLE IF NOT EXISTS enterprise.signing_keys (
    purpose varchar(50) PRIMARY KEY,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

COMMIT;
