DELETE FROM enterprise.alert_reports WHERE rule_id = $1 AND ends_at < $2
