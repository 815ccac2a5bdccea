INSERT INTO enterprise.trace_spans (
    trace_id, span_id, parent_span_id, operation_name, service_name, start_time, end_time, duration_ms, status, tags)
SELECT $1, lpad(to_hex(n + 1), 16, '0'), CASE WHEN n > 0 THEN lpad(to_hex((n - 1) / 10 + 1), 16, '0') END,
       'step ' || n % 100, 'wide', begins, begins + length, extract(epoch FROM length) * 1000, 'completed',
       jsonb_build_object('step', n, 'order.id', n % 1000)
FROM generate_series(0, 9999) AS n
CROSS JOIN LATERAL (
    SELECT $2::timestamptz + n * interval '1 millisecond' AS begins, (10000 - n) * interval '1 millisecond' AS length
) AS span
