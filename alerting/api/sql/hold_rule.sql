SELECT to_jsonb(rule) FROM enterprise.alert_rules AS rule WHERE id = $1 FOR UPDATE
