SELECT to_json(listed)::text
FROM (
    SELECT kind, nullif(signal, '') AS signal, transport, reason,
           sum(requests)::bigint AS requests, sum(items)::bigint AS items,
           min(first_seen) AS first_seen, max(last_seen) AS last_seen,
           array_remove(array_agg(DISTINCT service ORDER BY service), '') AS services,
           (array_agg(sample ORDER BY last_seen DESC))[1] AS sample
    FROM enterprise.ingest_report
    WHERE minute >= $1
    GROUP BY kind, signal, transport, reason
    ORDER BY max(last_seen) DESC, kind, signal, transport, reason
    LIMIT $2
) AS listed
