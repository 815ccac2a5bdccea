SELECT id FROM enterprise.alert_rules WHERE metric_type = 'external' AND (name, severity) = ($1, $2)
