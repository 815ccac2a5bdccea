SELECT leaf.writer, leaf.batch, leaf.start_time AS time, leaf.service_name, leaf.tags AS attributes, leaf.resource_id,
       leaf.scope_id, {weight}::float AS weight,
       CASE WHEN coalesce(leaf.parent_span_id, '') IN ('', leaf.span_id) THEN leaf.trace_id END AS root_of,
       ARRAY[leaf.operation_name, leaf.service_name, leaf.status, leaf.error_message,
             ('{{unspecified,internal,server,client,producer,consumer}}'::text[])[1 + leaf.kind]] AS columns
FROM enterprise.{leaf} AS leaf
WHERE {places}
