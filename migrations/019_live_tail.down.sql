BEGIN;

DROP INDEX IF EXISTS enterprise.structured_logs_position_idx;
ALTER TABLE IF EXISTS enterprise.structured_logs
    ALTER COLUMN batch SET DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
COMMENT ON COLUMN enterprise.structured_logs.batch IS NULL;

COMMIT;
