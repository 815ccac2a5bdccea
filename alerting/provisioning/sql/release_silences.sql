UPDATE enterprise.alert_silences SET provisioned_from = NULL, version = version + 1, updated_at = now()
WHERE provisioned_from = $1
RETURNING id AS key, reason AS name
