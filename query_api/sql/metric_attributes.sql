-- Attributes of series of the metric $1 that were seen since $2 and, where $3 is given, known before it; of $4 series at
-- most. Those $5 with the most values, each with the $6 values that most series have. Always a row, without a key where
-- there is none.
WITH found AS MATERIALIZED (
    SELECT series.attributes, series.resource_id, series.scope_id,
           row_number() OVER () > $4 AS beyond
    FROM enterprise.metric_series AS series
    WHERE series.name = $1 AND series.last_seen >= $2 AND ($3::timestamptz IS NULL OR series.first_seen < $3)
      AND {matches}
    LIMIT $4 + 1
), counted AS (
    SELECT * FROM found WHERE NOT beyond
), origins AS (
    SELECT 'resource' AS place, r.attributes, o.series
    FROM (SELECT resource_id, count(*) AS series FROM counted GROUP BY resource_id) AS o
    JOIN enterprise.resources AS r ON r.id = o.resource_id
    UNION ALL
    SELECT 'scope', s.attributes, o.series
    FROM (SELECT scope_id, count(*) AS series FROM counted GROUP BY scope_id) AS o
    JOIN enterprise.scopes AS s ON s.id = o.scope_id
    UNION ALL
    SELECT 'item', attributes, count(*) FROM counted GROUP BY attributes
), valued AS (
    SELECT o.place, a.key, left(a.value, 200) AS value, sum(o.series)::bigint AS series
    FROM origins AS o
    CROSS JOIN LATERAL jsonb_each_text(o.attributes) AS a(key, value)
    WHERE a.value IS NOT NULL
    GROUP BY o.place, a.key, left(a.value, 200)
), keyed AS (
    SELECT place, key, sum(series)::bigint AS series, count(*) AS values,
           (array_agg(value ORDER BY series DESC, value))[1:$6] AS most,
           (array_agg(series ORDER BY series DESC, value))[1:$6] AS counts
    FROM valued
    GROUP BY place, key
    ORDER BY count(*) DESC, place, key
    LIMIT $5
)
SELECT k.place, k.key, k.series, k.values, k.most, k.counts, t.total, t.cut
FROM (SELECT count(*) FILTER (WHERE NOT beyond) AS total, coalesce(bool_or(beyond), false) AS cut FROM found) AS t
LEFT JOIN keyed AS k ON true
