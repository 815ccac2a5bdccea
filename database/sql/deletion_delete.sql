WITH gone AS (DELETE FROM enterprise.{child} WHERE ctid = ANY (ARRAY({matches})) RETURNING 1)
SELECT count(*) AS rows, 0 AS traces FROM gone
