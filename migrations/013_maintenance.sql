BEGIN;

-- One leader for scheduled work: every transaction of its jobs locks the row and checks holder and epoch.
CREATE TABLE IF NOT EXISTS enterprise.leases (
    name varchar PRIMARY KEY,
    holder varchar NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Ended partitions whose search indexes are built and whose rows are frozen.
CREATE TABLE IF NOT EXISTS enterprise.sealed_partitions (
    child varchar PRIMARY KEY,
    sealed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS enterprise.maintenance_runs (
    job varchar PRIMARY KEY,
    last_started_at timestamptz,
    last_succeeded_at timestamptz,
    last_error text,
    report jsonb NOT NULL DEFAULT '{}'
);

COMMIT;
