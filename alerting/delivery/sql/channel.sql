SELECT c.kind, c.settings, s.secrets
FROM enterprise.alert_channels AS c
LEFT JOIN enterprise.alert_channel_secrets AS s ON s.channel = c.name
WHERE c.name = $1
