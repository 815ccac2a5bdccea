CREATE TEMPORARY TABLE IF NOT EXISTS arriving_points (LIKE enterprise.metric_points) ON COMMIT DROP;
TRUNCATE arriving_points;
