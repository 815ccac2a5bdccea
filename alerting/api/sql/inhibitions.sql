SELECT coalesce(jsonb_agg(to_jsonb(listed) ORDER BY name), '[]')::text
FROM (SELECT * FROM enterprise.alert_inhibitions ORDER BY name LIMIT 1000) AS listed
