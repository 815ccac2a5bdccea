BEGIN;

DROP INDEX IF EXISTS enterprise.structured_logs_position_idx;
DO $$
BEGIN
    IF to_regclass('enterprise.structured_logs') IS NOT NULL THEN
        ALTER TABLE enterprise.structured_logs
            ALTER COLUMN batch SET DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
        COMMENT ON COLUMN enterprise.structured_logs.batch IS NULL;
    END IF;
END $$;

COMMIT;
