WITH deleted AS (
    DELETE FROM enterprise.alert_notices
    WHERE id = ANY (ARRAY(
        SELECT id FROM enterprise.alert_notices WHERE created_at < $1 AND state IN ('sent', 'failed', 'dropped') ORDER BY created_at LIMIT $2))
    RETURNING 1
)
SELECT count(*) FROM deleted
