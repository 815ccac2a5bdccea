SELECT coalesce(json_agg(total ORDER BY kind, signal), '[]')::text
FROM (
    SELECT nullif(signal, '') AS signal, kind, sum(requests)::bigint AS requests, sum(items)::bigint AS items
    FROM enterprise.ingest_report
    WHERE minute >= $1
    GROUP BY 1, 2
) AS total
