SELECT CASE leaf.writer WHEN 0 THEN -1 ELSE leaf.writer END AS writer, leaf.batch, leaf.timestamp AS time, leaf.service_name, leaf.extra AS attributes, leaf.resource_id,
       leaf.scope_id, {weight}::float AS weight, NULL::varchar AS root_of,
       ARRAY[leaf.level, leaf.logger_name, leaf.service_name, leaf.user_email, leaf.department, leaf.session_id,
             leaf.endpoint, leaf.exception_type, leaf.exception_message, leaf.event_name, leaf.severity_text] AS columns
FROM enterprise.{leaf} AS leaf
WHERE {places}
