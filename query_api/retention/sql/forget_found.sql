WITH traces AS (DELETE FROM enterprise.deletion_traces WHERE deletion = $1)
DELETE FROM enterprise.deletion_series WHERE deletion = $1
