SELECT id::text
FROM generate_series(1, 20) AS place
CROSS JOIN LATERAL (
    SELECT id
    FROM enterprise.structured_logs
    WHERE timestamp >= $1::timestamptz + place * ($2::timestamptz - $1) / 21 AND timestamp < $2
    ORDER BY timestamp
    LIMIT 1
) AS log
