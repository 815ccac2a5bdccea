SELECT id AS key FROM enterprise.alert_silences WHERE provisioned_from = $1 ORDER BY id
