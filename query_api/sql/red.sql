-- Figures of services or operations by step: exact counts, and of their durations the buckets that hold the 50th, 95th
-- and 99th percentile. Of a service those of its entries, where it has any in the window, else those of all its spans;
-- all_spans counts them all. {limit} at most, those with the most spans. A step that is one quarter has its percentiles
-- already; only others have their buckets added up.
WITH figures AS NOT MATERIALIZED (
{figures}
), totals AS MATERIALIZED (
    SELECT step, service_name, operation_name, kind, entry, sum(spans)::bigint AS spans, sum(errors)::bigint AS errors,
           sum(duration_ms) AS duration_ms, max(last_minute) AS last_minute, count(*) AS parts, min(p50) AS p50,
           min(p95) AS p95, min(p99) AS p99
    FROM figures
    GROUP BY step, service_name, operation_name, kind, entry
), wanted AS MATERIALIZED (
    SELECT c.place, t.*
    FROM (SELECT row_number() OVER (ORDER BY spans DESC, service_name, operation_name, kind) AS place, service_name,
                 operation_name, kind, entry
          FROM (SELECT service_name, operation_name, kind, entry, sum(spans) AS spans,
                       bool_or(entry) OVER (PARTITION BY service_name, operation_name, kind) AS has_entries
                FROM totals
                GROUP BY service_name, operation_name, kind, entry) AS either
          WHERE entry = has_entries) AS c
    JOIN totals AS t USING (service_name, operation_name, kind, entry)
    WHERE c.place <= {limit}
), buckets AS MATERIALIZED (
    SELECT place, step, bucket, sum(number) AS spans
    FROM (SELECT w.place, w.step, unnest(f.buckets) AS bucket, unnest(f.counts)::float AS number
          FROM figures AS f
          JOIN wanted AS w USING (step, service_name, operation_name, kind, entry)
          WHERE w.parts > 1 OR w.p50 IS NULL) AS elements
    GROUP BY place, step, bucket
), percentiles AS (
    SELECT place, step, min(bucket) FILTER (WHERE upto >= spans * 0.5::float) AS p50,
           min(bucket) FILTER (WHERE upto >= spans * 0.95::float) AS p95,
           min(bucket) FILTER (WHERE upto >= spans * 0.99::float) AS p99
    FROM (SELECT place, step, bucket, sum(spans) OVER (PARTITION BY place, step ORDER BY bucket) AS upto,
                 sum(spans) OVER (PARTITION BY place, step) AS spans
          FROM buckets) AS ranked
    GROUP BY place, step
)
SELECT w.service_name, w.operation_name, w.kind, w.entry, w.step, w.spans, w.errors, w.duration_ms,
       coalesce(p.p50, w.p50) AS p50, coalesce(p.p95, w.p95) AS p95, coalesce(p.p99, w.p99) AS p99,
       least(greatest(a.last_minute, '0001-01-02Z'), '9999-12-30Z') AS last_minute, a.spans AS all_spans
FROM wanted AS w
LEFT JOIN percentiles AS p USING (place, step)
JOIN (SELECT step, service_name, operation_name, kind, max(last_minute) AS last_minute, sum(spans)::bigint AS spans
      FROM totals
      GROUP BY step, service_name, operation_name, kind) AS a USING (step, service_name, operation_name, kind)
ORDER BY w.service_name, w.operation_name, w.kind, w.step
