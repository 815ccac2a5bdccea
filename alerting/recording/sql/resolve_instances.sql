UPDATE enterprise.alert_instances AS i
SET status = 'resolved', resolved_at = r.at, resolved_because = r.because, resolved_by = r.by
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) AS r (id, at, because, by)
WHERE i.id = r.id
