-- Writers that have committed since the last run. A batch is a clock in µs; `since` says where spans may begin, one hour
-- of difference between two clocks allowed. Plain SQL, of writer 0, may commit out of order: its last half minute is
-- looked at again, since deriving twice harms nobody.
SELECT w.writer, coalesce(p.batch, 0) AS after, w.batch AS upto,
       coalesce(p.batch, (extract(epoch FROM w.started_at) * 1000000)::bigint - 3600000000) AS since
FROM enterprise.writers AS w
LEFT JOIN enterprise.gen_ai_positions AS p USING (writer)
WHERE w.batch > coalesce(p.batch, 0)
UNION ALL
SELECT 0, passed.batch, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, passed.batch
FROM (SELECT greatest(coalesce(max(batch), 0) - 30000000, 0) AS batch
      FROM enterprise.gen_ai_positions WHERE writer = 0) AS passed
