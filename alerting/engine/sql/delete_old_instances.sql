WITH deleted AS (
    DELETE FROM enterprise.alert_instances
    WHERE id = ANY (ARRAY(
        SELECT id FROM enterprise.alert_instances WHERE triggered_at < $1 AND status = 'resolved' ORDER BY triggered_at LIMIT $2))
    RETURNING 1
)
SELECT count(*) FROM deleted
