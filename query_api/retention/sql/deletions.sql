SELECT deletion.id, deletion.state, deletion.told, deletion.spans, deletion.logs, deletion.points, deletion.traces,
       deletion.requested_at, deletion.requested_by, deletion.confirmed_at, deletion.confirmed_by, deletion.finished_at,
       CASE WHEN deletion.state IN ('counted', 'done') THEN 1
            ELSE least(deletion.blocks_done / greatest(whole.blocks, 1), 1) END::float AS progress
FROM enterprise.deletions AS deletion
CROSS JOIN (
    SELECT (sum(pg_relation_size(leaf.relation)) / current_setting('block_size')::bigint)::float AS blocks
    FROM enterprise.partitions AS part
    CROSS JOIN LATERAL (SELECT to_regclass(format('enterprise.%I', part.child)) AS relation) AS leaf
    WHERE part.parent IN ('trace_spans', 'structured_logs', 'metric_points', 'metric_minutes', 'metric_hours', 'gen_ai_spans')
) AS whole
ORDER BY deletion.id DESC
LIMIT 100
