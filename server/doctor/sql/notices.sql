SELECT (SELECT extract(epoch FROM now() - min(due_at)) FROM enterprise.alert_notices
        WHERE state IN ('waiting', 'sending') AND due_at < now())::float8 AS waiting_seconds,
       (SELECT count(*) FROM enterprise.alert_notices WHERE state = 'failed' AND finished_at > now() - interval '1 day') AS failed,
       (SELECT last_error FROM enterprise.alert_notices
        WHERE last_error IS NOT NULL AND created_at > now() - interval '2 days' ORDER BY place DESC LIMIT 1) AS error
