INSERT INTO enterprise.transaction_marks (noted_at, ended_before)
VALUES ($1, pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
ON CONFLICT DO NOTHING
