BEGIN;

-- The receivers' spools on disk, one row each. While one holds requests, or has not been heard of, the ledger forgets
-- no digest: what is spooled may have been committed, and is sent again.
CREATE TABLE IF NOT EXISTS enterprise.spools (
    name varchar PRIMARY KEY,
    oldest_received_at timestamptz,
    seen_at timestamptz NOT NULL DEFAULT now()
);

COMMIT;
