BEGIN;

-- When transactions were over. Logs by plain SQL tell by which transaction they came, and not when.
CREATE TABLE IF NOT EXISTS enterprise.transaction_marks (
    noted_at timestamptz PRIMARY KEY,
    ended_before bigint NOT NULL
);

COMMENT ON COLUMN enterprise.transaction_marks.ended_before IS 'all transactions with a lower id were over by then';

COMMIT;
