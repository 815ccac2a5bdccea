SELECT id FROM enterprise.alert_rules WHERE metric_type = 'alertmanager' AND (name, severity) = ($1, $2)
