BEGIN;

-- What telemetry comes from, stored once. The id is the first eight bytes of a hash of the content.
CREATE TABLE IF NOT EXISTS enterprise.resources (
    id bigint PRIMARY KEY,
    service_name varchar NOT NULL,
    attributes jsonb NOT NULL,
    schema_url text,
    dropped_attributes_count bigint NOT NULL DEFAULT 0,
    entity_refs jsonb,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS enterprise.scopes (
    id bigint PRIMARY KEY,
    name varchar NOT NULL,
    version varchar NOT NULL,
    attributes jsonb NOT NULL,
    schema_url text,
    dropped_attributes_count bigint NOT NULL DEFAULT 0,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now()
);

-- One row a writing connection. Its batches are committed in rising order, so the vector of positions is a cursor
-- that misses nothing.
CREATE SEQUENCE IF NOT EXISTS enterprise.writer_numbers AS integer;
CREATE TABLE IF NOT EXISTS enterprise.writers (
    writer integer PRIMARY KEY DEFAULT nextval('enterprise.writer_numbers'),
    batch bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT now(),
    written_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- The ledger: a digest a request, with the outcome it was answered. A slot is an hour of the day modulo four; the
-- coming slot is truncated, so a digest lives for two hours at least.
CREATE TABLE IF NOT EXISTS enterprise.ingest_batches (
    slot smallint NOT NULL,
    digest bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    signal smallint NOT NULL,
    items integer NOT NULL,
    rejected integer NOT NULL DEFAULT 0,
    message text,
    writer integer NOT NULL,
    batch bigint NOT NULL,
    PRIMARY KEY (digest, slot)
) PARTITION BY LIST (slot);

CREATE TABLE IF NOT EXISTS enterprise.ingest_batches_0 PARTITION OF enterprise.ingest_batches FOR VALUES IN (0);
CREATE TABLE IF NOT EXISTS enterprise.ingest_batches_1 PARTITION OF enterprise.ingest_batches FOR VALUES IN (1);
CREATE TABLE IF NOT EXISTS enterprise.ingest_batches_2 PARTITION OF enterprise.ingest_batches FOR VALUES IN (2);
CREATE TABLE IF NOT EXISTS enterprise.ingest_batches_3 PARTITION OF enterprise.ingest_batches FOR VALUES IN (3);

COMMENT ON COLUMN enterprise.ingest_batches.signal IS '1 traces, 2 logs, 3 metrics';

COMMIT;
