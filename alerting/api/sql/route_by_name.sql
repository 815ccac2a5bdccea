SELECT to_jsonb(route) FROM enterprise.alert_routes AS route WHERE name = $1
