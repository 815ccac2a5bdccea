DELETE FROM enterprise.alert_routes WHERE name = $1
