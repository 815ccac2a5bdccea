WITH deleted AS (
    DELETE FROM enterprise.alert_audit
    WHERE id = ANY (ARRAY(
        SELECT id FROM enterprise.alert_audit WHERE at < $1 ORDER BY at LIMIT $2))
    RETURNING 1
)
SELECT count(*) FROM deleted
