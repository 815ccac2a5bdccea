SELECT secrets FROM enterprise.alert_channel_secrets WHERE channel = $1 FOR UPDATE
