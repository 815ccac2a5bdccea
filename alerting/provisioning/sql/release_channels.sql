UPDATE enterprise.alert_channels SET provisioned_from = NULL, version = version + 1, updated_at = now()
WHERE provisioned_from = $1
RETURNING name AS key, name
