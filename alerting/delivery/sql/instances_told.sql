SELECT asked.instance_id
FROM unnest($2::uuid[]) AS asked (instance_id)
LEFT JOIN enterprise.alert_instances AS i ON i.id = asked.instance_id
WHERE i.notifications_sent @> jsonb_build_array(jsonb_build_object('channel', $1::text, 'success', true))
   -- With its rule an instance goes, and what was sent of it stays.
   OR i.id IS NULL AND EXISTS (
       SELECT FROM enterprise.alert_notices AS n
       JOIN enterprise.alert_attempts AS a ON a.notice_id = n.id AND a.success
       WHERE n.channel = $1 AND n.items @> jsonb_build_array(jsonb_build_object('instance_id', asked.instance_id)))
