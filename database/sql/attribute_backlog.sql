-- What came since the last census: of each writer the batches beyond `after` up to `upto`. Rows of plain SQL have the
-- writer 0, and for a batch spans the clock and logs their transaction, which stands here as writer -1: all before
-- the oldest one that still runs have ended.
SELECT w.writer, coalesce(p.batch, 0) AS after, w.batch AS upto
FROM (SELECT writer, batch FROM enterprise.writers
      UNION ALL
      SELECT 0, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
      UNION ALL
      SELECT -1, pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1) AS w
LEFT JOIN enterprise.attribute_positions AS p USING (writer)
WHERE w.batch > coalesce(p.batch, 0)
