SELECT EXISTS (SELECT FROM enterprise.alert_instances WHERE id = $1)
