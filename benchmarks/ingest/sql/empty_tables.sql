-- A trigger empties trace_spans with traces.
TRUNCATE enterprise.traces, enterprise.structured_logs, enterprise.ingest_batches, enterprise.operation_deltas,
    enterprise.log_deltas, enterprise.metric_points
