SELECT coalesce(jsonb_agg(to_jsonb(listed) ORDER BY place, name), '[]')::text
FROM (SELECT * FROM enterprise.alert_routes ORDER BY place, name LIMIT 1000) AS listed
