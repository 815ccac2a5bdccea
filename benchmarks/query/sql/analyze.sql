VACUUM (ANALYZE) enterprise.structured_logs, enterprise.trace_spans, enterprise.traces, enterprise.operation_minutes,
    enterprise.operation_quarters, enterprise.service_quarters,
    enterprise.edges, enterprise.edge_minutes, enterprise.edge_quarters, enterprise.log_minutes, enterprise.operations, enterprise.resources, enterprise.scopes
