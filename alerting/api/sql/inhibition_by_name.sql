SELECT to_jsonb(inhibition) FROM enterprise.alert_inhibitions AS inhibition WHERE name = $1
