INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name)
SELECT $1::timestamptz - make_interval(days => day, secs => row), CASE row % 2 WHEN 0 THEN 'DEBUG' ELSE 'INFO' END, 'app',
       repeat('y', 300), 'old'
FROM generate_series(28, $2::integer - 1) AS day, generate_series(1, $3::integer) AS row
