DELETE FROM enterprise.alert_inhibitions WHERE name = $1
