INSERT INTO enterprise.deletion_series (deletion, series_id)
SELECT sought.id, series.id
FROM enterprise.deletions AS sought
JOIN enterprise.metric_series AS series
  ON (sought.service_name IS NULL OR series.service_name = sought.service_name)
 AND (sought.user_email IS NULL OR enterprise.holds_value(series.attributes, sought.user_email))
 AND (sought.session_id IS NULL OR enterprise.holds_value(series.attributes, sought.session_id))
 AND (sought.attribute_key IS NULL OR series.attributes ->> sought.attribute_key = sought.attribute_value)
WHERE sought.id = $1
