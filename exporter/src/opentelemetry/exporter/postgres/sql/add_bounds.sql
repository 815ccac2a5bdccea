INSERT INTO enterprise.metric_bounds (id, bounds)
SELECT id, bounds::float[] FROM unnest($1::bigint[], $2::text[]) AS b(id, bounds)
ON CONFLICT (id) DO UPDATE SET last_seen = now()
