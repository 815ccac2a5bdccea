SELECT name AS key FROM enterprise.alert_inhibitions WHERE provisioned_from = $1 ORDER BY name
