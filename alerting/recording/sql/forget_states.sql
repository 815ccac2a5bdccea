DELETE FROM enterprise.alert_states WHERE rule_id = $1 AND fingerprint = ANY ($2::text[])
