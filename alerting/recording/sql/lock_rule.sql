SELECT * FROM enterprise.alert_rules WHERE id = $1 FOR NO KEY UPDATE
