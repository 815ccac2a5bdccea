UPDATE enterprise.alert_instances
SET status = 'acknowledged', acknowledged_by = $2, acknowledged_at = $3
WHERE id = $1
