-- A log by plain SQL has its transaction for a batch; before migration 019 it had the time, which is beyond any of those.
WITH deleted AS (
    DELETE FROM enterprise.structured_logs_default
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM enterprise.structured_logs_default
        WHERE timestamp < $1
          AND batch < CASE
              WHEN writer = 0 AND batch < pg_snapshot_xmax(pg_current_snapshot())::text::bigint THEN $3::bigint ELSE $2::bigint END
          {unpinned}
        LIMIT $4 FOR UPDATE SKIP LOCKED))
    RETURNING 1
)
SELECT count(*) FROM deleted
