SELECT name AS key FROM enterprise.alert_routes WHERE provisioned_from = $1 ORDER BY name
