WITH deleted AS (
    DELETE FROM enterprise.ingest_report
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM enterprise.ingest_report WHERE minute < $1 LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING 1
)
SELECT count(*) FROM deleted
