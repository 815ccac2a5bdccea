WITH punctual AS (
    SELECT id, late_told_at
    FROM enterprise.alert_rules
    WHERE late_told_at IS NOT NULL AND (NOT enabled OR last_evaluated_at > late_told_at)
    ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE enterprise.alert_rules AS r
SET late_told_at = NULL
FROM punctual AS p
WHERE r.id = p.id
RETURNING r.*, p.late_told_at AS late_since
