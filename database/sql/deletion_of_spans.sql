SELECT span.ctid
FROM enterprise.deletions AS sought
JOIN enterprise.{child} AS span ON span.start_time >= sought.rows_from AND span.start_time < sought.rows_to
WHERE sought.id = $1 AND span.ctid >= '({first},0)'::tid AND span.ctid < '({after},0)'::tid
  AND (sought.service_name IS NULL OR span.service_name = sought.service_name)
  AND (sought.attribute_key IS NULL OR span.tags ->> sought.attribute_key = sought.attribute_value
       OR span.resource_id IN (SELECT id FROM enterprise.resources
                               WHERE attributes ->> sought.attribute_key = sought.attribute_value))
  AND (sought.user_email IS NULL AND sought.session_id IS NULL
       OR span.trace_id IN (SELECT trace_id FROM enterprise.deletion_traces WHERE deletion = $1)
       OR (sought.user_email IS NULL OR enterprise.holds_value(span.tags, sought.user_email)
           OR enterprise.holds_value(span.logs, sought.user_email) OR enterprise.holds_value(span.links, sought.user_email))
          AND (sought.session_id IS NULL OR enterprise.holds_value(span.tags, sought.session_id)
               OR enterprise.holds_value(span.logs, sought.session_id) OR enterprise.holds_value(span.links, sought.session_id)))
