INSERT INTO enterprise.maintenance_runs (job, last_started_at, last_error)
VALUES ($1, clock_timestamp(), $2)
ON CONFLICT (job) DO UPDATE SET last_started_at = excluded.last_started_at, last_error = excluded.last_error
