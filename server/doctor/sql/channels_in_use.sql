SELECT DISTINCT name
FROM (
    SELECT jsonb_array_elements_text(
        CASE WHEN jsonb_typeof(notification_channels) = 'array' THEN notification_channels ELSE '[]' END)
    FROM enterprise.alert_rules WHERE enabled
    UNION ALL
    SELECT unnest(coalesce(channels, '{}') || escalate_to) FROM enterprise.alert_routes
) AS used (name)
ORDER BY name
LIMIT 1000
