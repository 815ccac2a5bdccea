SELECT to_json(page)::text AS item, page.start_time::text AS time, page.id::text AS id
FROM (
    SELECT id, trace_id, span_id, parent_span_id, operation_name, service_name, start_time, end_time, duration_ms,
           status, error_message, tags, kind, status_code, status_message, start_nanos, end_nanos
    FROM enterprise.trace_spans AS span
    WHERE start_time >= $1
      AND ($2::timestamptz IS NULL OR start_time < $2)
      AND ($3::text IS NULL OR service_name = $3)
      AND ($4::text IS NULL OR operation_name = $4)
      AND ($5::text IS NULL OR status = $5)
      AND ($6::float8 IS NULL OR duration_ms >= $6)
      AND ($7::smallint IS NULL OR kind = $7)
      -- The first comparison prunes partitions, which that of rows does not.
      AND ($8::text IS NULL OR start_time <= $8::text::timestamptz)
      AND ($8::text IS NULL OR (start_time, id) < ($8::text::timestamptz, $9::text::uuid))
      AND {matches}
    ORDER BY start_time DESC, id DESC
    LIMIT $10
) AS page
