-- Every writer with how far its spans are counted, and how far they are stored. Rows of plain SQL have the writer 0
-- and the clock for a batch: all from before the oldest transaction that still writes have been committed, or never
-- will be. `since`: about where new spans begin, null where there are none. What a writer committed since the last step
-- cannot be longer ago on its clock than on ours, give or take a second.
SELECT w.writer, coalesce(p.earlier, 0) AS earlier, coalesce(p.counted, 0) AS counted, coalesce(p.seen, 0) AS seen,
       greatest(w.batch, coalesce(p.seen, 0)) AS upto,
       CASE WHEN w.batch > coalesce(p.seen, 0)
            THEN greatest(coalesce(p.seen, 0),
                          w.batch - (extract(epoch FROM w.written_at - r.seen_until) * 1000000)::bigint - 1000000) END AS since,
       clock_timestamp() AS looked_at
FROM (
    SELECT writer, batch, written_at FROM enterprise.writers
    UNION ALL
    SELECT 0, (extract(epoch FROM least(
               clock_timestamp(),
               (SELECT min(xact_start) FROM pg_stat_activity
                WHERE backend_xid IS NOT NULL AND datname = current_database()
                  AND application_name NOT IN ('otelgres', 'otelgres writer')),
               (SELECT min(prepared) FROM pg_prepared_xacts WHERE database = current_database()))) * 1000000)::bigint - 1,
           clock_timestamp()
) AS w(writer, batch, written_at)
LEFT JOIN enterprise.edge_positions AS p USING (writer)
CROSS JOIN (SELECT seen_until FROM enterprise.rollup_progress WHERE rollup = 'edges') AS r
