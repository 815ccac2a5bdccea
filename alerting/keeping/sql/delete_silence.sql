DELETE FROM enterprise.alert_silences WHERE id = $1
