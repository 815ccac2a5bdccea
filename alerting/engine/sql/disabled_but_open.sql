SELECT r.id
FROM enterprise.alert_rules AS r
WHERE r.enabled IS NOT TRUE
  AND (EXISTS (SELECT FROM enterprise.alert_states AS s WHERE s.rule_id = r.id AND s.phase <> 'inactive')
    OR EXISTS (
        SELECT FROM enterprise.alert_instances AS i WHERE i.rule_id = r.id AND i.status IS DISTINCT FROM 'resolved'))
LIMIT 100
