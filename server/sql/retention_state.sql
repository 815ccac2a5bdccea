SELECT late_seconds, (last_error IS NOT NULL)::integer AS failing, bytes, cap_bytes, over_bytes
FROM enterprise.retention_state
