-- Digests go into the slot of the current hour and, in its first five minutes, into the one before as well, so that
-- two requests with the same digest meet on a unique key however close to the hour they come.
-- $1 writer, $2 batch, then one element a request, sorted by digest: $3 digests, $4 signals, $5 items, $6 rejected,
-- $7 messages.
WITH clock AS (
    SELECT extract(epoch FROM clock_timestamp())::bigint AS second
), slots AS (
    SELECT ((second - back) / 3600 % 4)::smallint AS slot, back
    FROM clock, (VALUES (300), (0)) AS b(back)
), position AS (
    UPDATE enterprise.writers SET batch = $2, written_at = clock_timestamp() WHERE writer = $1
)
INSERT INTO enterprise.ingest_batches (slot, digest, signal, items, rejected, message, writer, batch)
SELECT s.slot, r.digest, r.signal, r.items, r.rejected, r.message, $1, $2
FROM (SELECT DISTINCT ON (slot) slot, back FROM slots ORDER BY slot, back DESC) AS s
CROSS JOIN unnest($3::bytea[], $4::smallint[], $5::integer[], $6::integer[], $7::text[])
     AS r(digest, signal, items, rejected, message)
WHERE NOT EXISTS (SELECT FROM enterprise.ingest_batches AS known WHERE known.digest = r.digest)
ORDER BY s.back DESC, r.digest
ON CONFLICT DO NOTHING
RETURNING digest, (SELECT count(DISTINCT slot) FROM slots) AS slots
