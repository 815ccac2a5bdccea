-- Every writer with how far its spans are counted, and how far they are stored. Rows of plain SQL have the writer 0
-- and the clock for a batch: all from before the oldest transaction that still writes have been committed, or never
-- will be. `since`: where new spans may begin, null where there are none; a batch is a clock in µs, and one hour of
-- difference between two clocks is allowed.
SELECT w.writer, coalesce(p.earlier, 0) AS earlier, coalesce(p.counted, 0) AS counted, coalesce(p.seen, 0) AS seen,
       greatest(w.batch, coalesce(p.seen, 0)) AS upto,
       CASE WHEN w.batch > coalesce(p.seen, 0) THEN greatest(coalesce(p.seen, w.began), r.looked) END AS since,
       clock_timestamp() AS looked_at
FROM (
    SELECT writer, batch, (extract(epoch FROM started_at) * 1000000)::bigint - 3600000000 AS began
    FROM enterprise.writers
    UNION ALL
    SELECT 0, (extract(epoch FROM least(
               clock_timestamp(),
               (SELECT min(xact_start) FROM pg_stat_activity
                WHERE backend_xid IS NOT NULL AND datname = current_database() AND application_name <> 'otelgres'),
               (SELECT min(prepared) FROM pg_prepared_xacts WHERE database = current_database()))) * 1000000)::bigint - 1,
           (extract(epoch FROM clock_timestamp()) * 1000000)::bigint - 3600000000
) AS w(writer, batch, began)
LEFT JOIN enterprise.edge_positions AS p USING (writer)
CROSS JOIN (
    SELECT (extract(epoch FROM seen_until) * 1000000)::bigint - 3600000000 AS looked
    FROM enterprise.rollup_progress WHERE rollup = 'edges'
) AS r
