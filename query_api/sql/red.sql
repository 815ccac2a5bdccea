-- Figures of services or operations by step: exact counts, and of their durations the buckets that hold the 50th, 95th
-- and 99th percentile. Of a service those of its entries, where it has any in the window, else those of all its spans;
-- all_spans counts them all. {limit} at most, those with the most spans.
WITH figures AS NOT MATERIALIZED (
{figures}
), totals AS MATERIALIZED (
    SELECT step, service_name, operation_name, kind, entry, sum(spans)::bigint AS spans, sum(errors)::bigint AS errors,
           sum(duration_ms) AS duration_ms, max(last_minute) AS last_minute
    FROM figures
    GROUP BY step, service_name, operation_name, kind, entry
), chosen AS MATERIALIZED (
    SELECT service_name, operation_name, kind, entry
    FROM (SELECT service_name, operation_name, kind, entry, sum(spans) AS spans,
                 bool_or(entry) OVER (PARTITION BY service_name, operation_name, kind) AS has_entries
          FROM totals
          GROUP BY service_name, operation_name, kind, entry) AS either
    WHERE entry = has_entries
    ORDER BY spans DESC, service_name, operation_name, kind
    LIMIT {limit}
), buckets AS (
    SELECT step, service_name, operation_name, kind, bucket, sum(number) AS spans
    FROM (SELECT step, service_name, operation_name, kind, unnest(buckets) AS bucket, unnest(counts)::float AS number
          FROM figures
          JOIN chosen USING (service_name, operation_name, kind, entry)) AS elements
    GROUP BY step, service_name, operation_name, kind, bucket
), percentiles AS (
    SELECT step, service_name, operation_name, kind, min(bucket) FILTER (WHERE upto >= spans * 0.5::float) AS p50,
           min(bucket) FILTER (WHERE upto >= spans * 0.95::float) AS p95,
           min(bucket) FILTER (WHERE upto >= spans * 0.99::float) AS p99
    FROM (SELECT step, service_name, operation_name, kind, bucket,
                 sum(spans) OVER (PARTITION BY step, service_name, operation_name, kind ORDER BY bucket) AS upto,
                 sum(spans) OVER (PARTITION BY step, service_name, operation_name, kind) AS spans
          FROM buckets) AS ranked
    GROUP BY step, service_name, operation_name, kind
)
SELECT service_name, operation_name, kind, entry, step, t.spans, t.errors, t.duration_ms, p50, p95, p99,
       least(greatest(a.last_minute, '0001-01-02Z'), '9999-12-30Z') AS last_minute, a.spans AS all_spans
FROM chosen
JOIN totals AS t USING (service_name, operation_name, kind, entry)
JOIN percentiles USING (step, service_name, operation_name, kind)
JOIN (SELECT step, service_name, operation_name, kind, max(last_minute) AS last_minute, sum(spans)::bigint AS spans
      FROM totals
      GROUP BY step, service_name, operation_name, kind) AS a USING (step, service_name, operation_name, kind)
ORDER BY service_name, operation_name, kind, step
