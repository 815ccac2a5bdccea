SELECT * FROM enterprise.alert_rules WHERE id = $1
