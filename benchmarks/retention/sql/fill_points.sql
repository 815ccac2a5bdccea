INSERT INTO enterprise.metric_points (series_id, time, value)
SELECT row, $1::timestamptz - make_interval(days => day, secs => row), row
FROM generate_series(31, $2::integer - 1) AS day, generate_series(1, $3::integer) AS row
ON CONFLICT DO NOTHING
