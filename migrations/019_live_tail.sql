BEGIN;

-- What a writer has stored since a batch is read from here, right after the commit; summaries of a BRIN come later.
CREATE INDEX IF NOT EXISTS structured_logs_position_idx ON enterprise.structured_logs (writer, batch);

-- Rows of plain SQL, of writer 0, commit in any order. Their batch is the transaction that wrote them, of which a
-- snapshot says whether it was seen.
ALTER TABLE enterprise.structured_logs ALTER COLUMN batch SET DEFAULT (pg_current_xact_id()::text)::bigint;

COMMENT ON COLUMN enterprise.structured_logs.batch IS
    'rises with every commit of a writer, so (writer, batch) is a commit-safe cursor; of writer 0 the id of the transaction';

COMMIT;
