-- Ids are hashed to all of bigint evenly: those below $8 are a sample, the same one whenever the rows are the same.
SELECT id::text AS id, to_json(timestamp)::text AS time, level, service_name, left(message, $10) AS message,
       width_bucket(date_part('epoch', timestamp), date_part('epoch', $11::timestamptz),
                    date_part('epoch', $12::timestamptz), $13) AS step
FROM enterprise.structured_logs AS log
WHERE {filters}
  AND ($8::bigint IS NULL OR uuid_hash_extended(id, 0) < $8)
ORDER BY log.timestamp DESC, log.id DESC
LIMIT $9
