SELECT name AS key FROM enterprise.alert_channels WHERE provisioned_from = $1 ORDER BY name
