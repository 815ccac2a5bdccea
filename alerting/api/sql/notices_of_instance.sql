SELECT to_json(page)::text
FROM (
    SELECT notice.id, notice.channel, notice.kind,
           jsonb_path_query_array(
               notice.items, '$[*] ? (@.instance_id == $instance).told', jsonb_build_object('instance', $1::uuid)) AS told,
           notice.state, notice.created_at, notice.due_at, notice.finished_at, notice.last_error,
           (SELECT coalesce(json_agg(to_json(tried) ORDER BY tried.attempt), '[]')
            FROM (SELECT attempt, sent_at, duration_ms, success, permanent, error, detail
                  FROM enterprise.alert_attempts
                  WHERE notice_id = notice.id
                  ORDER BY attempt DESC
                  LIMIT 100) AS tried) AS attempts
    FROM enterprise.alert_notices AS notice
    WHERE notice.items @> jsonb_build_array(jsonb_build_object('instance_id', $1::uuid))
    ORDER BY notice.place DESC
    LIMIT $2
) AS page
