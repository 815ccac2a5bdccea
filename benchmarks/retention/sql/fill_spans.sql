INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, service_name, start_time, tags)
SELECT md5(day || ' ' || row), left(md5('s' || row), 16), 'op', 'old', $1::timestamptz - make_interval(days => day, secs => row),
       jsonb_build_object('pad', repeat('x', 300))
FROM generate_series(31, $2::integer - 1) AS day, generate_series(1, $3::integer) AS row
