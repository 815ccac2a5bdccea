SELECT to_json(page)::text AS item, page.at::text AS time, page.id::text AS id
FROM (
    SELECT id, at, actor, action, object_type, object_id, object_name, before, after
    FROM enterprise.alert_audit
    WHERE at >= $1
      AND ($2::timestamptz IS NULL OR at < $2)
      AND ($3::text IS NULL OR object_type = $3)
      AND ($4::text IS NULL OR object_id = $4)
      AND ($5::text IS NULL OR actor = $5)
      AND ($6::text IS NULL OR action = $6)
      AND ($7::text IS NULL OR (at, id) < ($7::text::timestamptz, $8::text::bigint))
    ORDER BY at DESC, id DESC
    LIMIT $9
) AS page
