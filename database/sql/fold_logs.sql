WITH taken AS (
    DELETE FROM enterprise.log_deltas
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM enterprise.log_deltas LIMIT $1 FOR UPDATE SKIP LOCKED))
    RETURNING minutes, services, levels, logs
), folded AS (
    INSERT INTO enterprise.log_minutes AS m (minute, service_name, level, logs)
    SELECT d.minute, d.service_name, d.level, sum(d.logs)
    FROM taken
    CROSS JOIN LATERAL unnest(taken.minutes, taken.services, taken.levels, taken.logs)
         AS d(minute, service_name, level, logs)
    GROUP BY d.minute, d.service_name, d.level
    ORDER BY d.minute, d.service_name, d.level
    ON CONFLICT (minute, service_name, level) DO UPDATE SET logs = m.logs + excluded.logs
)
SELECT count(*) FROM taken
