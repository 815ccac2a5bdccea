SELECT name, name AS named, source_matchers, target_matchers, equal_labels
FROM enterprise.alert_inhibitions
ORDER BY name
