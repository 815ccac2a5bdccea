-- What was derived from spans goes with them; this is what has a person of its own.
SELECT call.ctid
FROM enterprise.deletions AS sought
JOIN enterprise.{child} AS call ON call.timestamp >= sought.rows_from AND call.timestamp < sought.rows_to
WHERE sought.id = $1 AND call.ctid >= '({first},0)'::tid AND call.ctid < '({after},0)'::tid
  AND sought.attribute_key IS NULL
  AND (sought.service_name IS NULL OR call.service_name = sought.service_name)
  AND (call.trace_id IN (SELECT trace_id FROM enterprise.deletion_traces WHERE deletion = $1)
       OR (sought.user_email IS NULL OR call.user_email = sought.user_email)
          AND (sought.session_id IS NULL OR call.session_id = sought.session_id))
