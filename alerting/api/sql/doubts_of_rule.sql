WITH rule AS (
    SELECT id, name, CASE jsonb_typeof(notification_channels) WHEN 'array' THEN notification_channels ELSE '[]' END AS channels
    FROM enterprise.alert_rules
    WHERE id = $1
)
SELECT EXISTS (SELECT FROM enterprise.alert_rules AS other WHERE other.name = rule.name AND other.id <> rule.id) AS name_taken,
       channels = '[]' AS without_channels,
       ARRAY(SELECT channel FROM jsonb_array_elements_text(channels) AS channel
             WHERE channel NOT IN ('slack', 'email')
               AND NOT EXISTS (SELECT FROM enterprise.alert_channels AS known WHERE known.name = channel)
            ) AS unknown_channels
FROM rule
