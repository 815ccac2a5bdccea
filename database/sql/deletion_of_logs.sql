SELECT log.ctid
FROM enterprise.deletions AS sought
JOIN enterprise.{child} AS log ON log.timestamp >= sought.rows_from AND log.timestamp < sought.rows_to
WHERE sought.id = $1 AND log.ctid >= '({first},0)'::tid AND log.ctid < '({after},0)'::tid
  AND (sought.service_name IS NULL OR log.service_name = sought.service_name)
  AND (sought.attribute_key IS NULL OR log.extra ->> sought.attribute_key = sought.attribute_value
       OR log.resource_id IN (SELECT id FROM enterprise.resources
                              WHERE attributes ->> sought.attribute_key = sought.attribute_value))
  AND (sought.user_email IS NULL AND sought.session_id IS NULL
       OR log.trace_id IN (SELECT trace_id FROM enterprise.deletion_traces WHERE deletion = $1)
       OR (sought.user_email IS NULL OR log.user_email = sought.user_email
           OR enterprise.holds_value(log.extra, sought.user_email) OR enterprise.holds_value(log.body, sought.user_email))
          AND (sought.session_id IS NULL OR log.session_id = sought.session_id
               OR enterprise.holds_value(log.extra, sought.session_id) OR enterprise.holds_value(log.body, sought.session_id)))
