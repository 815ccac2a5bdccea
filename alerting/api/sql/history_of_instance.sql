SELECT to_json(page)::text
FROM (
    SELECT id, at, rule_id, rule_name, fingerprint, labels, instance_id, event, value, threshold, actor, detail
    FROM enterprise.alert_history
    WHERE instance_id = $1
    ORDER BY at DESC, id DESC
    LIMIT $2
) AS page
