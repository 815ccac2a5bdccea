INSERT INTO enterprise.alert_audit (at, actor, action, object_type, object_id, object_name, before, after)
VALUES ($1, $2, $3, 'instance', $4, $5, $6, $7)
