-- The newest $4 exemplars with a trace, of points of the series $1 in the range from $2 to $3; null is no upper bound. Of
-- each series no more points are looked at than may be among them.
SELECT to_json(page)::text AS item
FROM (
    SELECT e.time, e.value, e.trace_id, e.span_id,
           EXISTS (SELECT FROM enterprise.traces AS t WHERE t.trace_id = e.trace_id) AS stored,
           e.attributes, s.service_name, s.attributes AS labels
    FROM (
        SELECT DISTINCT p.series_id, (x ->> 'timestamp')::timestamptz AS time,
               CASE WHEN jsonb_typeof(x -> 'value') = 'number' THEN x -> 'value' END AS value,
               x ->> 'trace_id' AS trace_id, x ->> 'span_id' AS span_id, x -> 'attributes' AS attributes
        FROM unnest($1::bigint[]) AS wanted(series_id)
        CROSS JOIN LATERAL (
            SELECT m.series_id, m.exemplars
            FROM enterprise.metric_points AS m
            WHERE m.series_id = wanted.series_id AND m.time >= $2 AND ($3::timestamptz IS NULL OR m.time < $3)
              AND m.exemplars @? '$[*].trace_id'
            ORDER BY m.time DESC
            LIMIT $4) AS p
        CROSS JOIN LATERAL jsonb_array_elements(p.exemplars) AS x
        WHERE x ? 'trace_id'
        ORDER BY time DESC, trace_id, span_id
        LIMIT $4) AS e
    JOIN enterprise.metric_series AS s ON s.id = e.series_id
    ORDER BY e.time DESC, e.trace_id, e.span_id) AS page
