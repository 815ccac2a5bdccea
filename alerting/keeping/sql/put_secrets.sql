INSERT INTO enterprise.alert_channel_secrets (channel, secrets) VALUES ($1, $2)
ON CONFLICT (channel) DO UPDATE SET secrets = excluded.secrets
