DELETE FROM enterprise.alert_channels WHERE name = $1
