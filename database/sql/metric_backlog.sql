-- Writers that have committed since their points were last rolled up. A batch is a clock in µs; `since` says where
-- points may begin, one hour of difference between two clocks allowed.
SELECT w.writer, coalesce(p.batch, 0) AS after, w.batch AS upto,
       coalesce(p.batch, (extract(epoch FROM w.started_at) * 1000000)::bigint - 3600000000) AS since
FROM enterprise.writers AS w
LEFT JOIN enterprise.metric_positions AS p USING (writer)
WHERE w.batch > coalesce(p.batch, 0)
