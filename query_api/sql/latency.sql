-- Spans by bucket of their duration: of a service those of its entries, where it has any, else all.
WITH figures AS NOT MATERIALIZED (
{figures}
)
SELECT bucket, sum(number)::bigint AS spans
FROM (SELECT unnest(buckets) AS bucket, unnest(counts) AS number
      FROM figures
      WHERE entry = (SELECT coalesce(bool_or(entry), false) FROM figures)) AS elements
GROUP BY bucket
ORDER BY bucket
