VACUUM (ANALYZE) enterprise.structured_logs, enterprise.trace_spans, enterprise.traces, enterprise.operation_minutes,
    enterprise.log_minutes, enterprise.operations, enterprise.resources, enterprise.scopes
