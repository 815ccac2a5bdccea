-- Metrics of series seen since $1 and, where $2 is given, known before it: $3 of them by name after $4, with at most $5
-- services each. Always a row, without an item where there is none.
WITH kinds AS MATERIALIZED (
    SELECT series.name, series.type, series.unit, series.temporality, series.monotonic,
           (array_agg(series.description ORDER BY series.last_seen DESC)
               FILTER (WHERE series.description <> ''))[1] AS description,
           count(*) AS series, (array_agg(DISTINCT series.service_name))[1:$5] AS services,
           min(series.first_seen) AS first_seen, max(series.last_seen) AS last_seen
    FROM enterprise.metric_series AS series
    WHERE series.last_seen >= $1 AND ($2::timestamptz IS NULL OR series.first_seen < $2) AND {matches}
    GROUP BY series.name, series.type, series.unit, series.temporality, series.monotonic
), page AS (
    SELECT * FROM kinds ORDER BY name, type, unit, temporality, monotonic LIMIT $3 OFFSET $4
)
SELECT to_json(page)::text AS item, (SELECT count(*) FROM kinds) AS total
FROM (SELECT) AS always
LEFT JOIN page ON true
