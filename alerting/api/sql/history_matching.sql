SELECT to_json(page)::text AS item, page.at::text AS time, page.id::text AS id
FROM (
    SELECT id, at, rule_id, rule_name, fingerprint, labels, instance_id, event, value, threshold, actor, detail
    FROM enterprise.alert_history
    WHERE at >= $1
      AND ($2::timestamptz IS NULL OR at < $2)
      AND ($3::uuid IS NULL OR rule_id = $3)
      AND ($4::uuid IS NULL OR instance_id = $4)
      AND ($5::text IS NULL OR event = $5)
      AND ($6::text IS NULL OR (at, id) < ($6::text::timestamptz, $7::text::bigint))
    ORDER BY at DESC, id DESC
    LIMIT $8
) AS page
