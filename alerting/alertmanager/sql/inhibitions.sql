SELECT name, source_matchers, target_matchers, equal_labels FROM enterprise.alert_inhibitions ORDER BY name LIMIT 1000
