SELECT parent
FROM unnest(ARRAY['trace_spans', 'structured_logs']) AS parent
WHERE NOT EXISTS (
    SELECT FROM enterprise.partitions AS p
    WHERE p.parent = parent.parent AND p.lower_bound <= $1 AND p.upper_bound > $1
)
