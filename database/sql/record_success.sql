INSERT INTO enterprise.maintenance_runs (job, last_started_at, last_succeeded_at, last_error, report)
VALUES ($1, $2, $2, NULL, $3)
ON CONFLICT (job) DO UPDATE SET
    last_started_at = excluded.last_started_at, last_succeeded_at = excluded.last_succeeded_at,
    last_error = NULL, report = excluded.report
