INSERT INTO enterprise.alert_audit (actor, action, object_type, object_id, object_name, before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7)
