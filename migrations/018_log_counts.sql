BEGIN;

-- Writers count the logs they store in log_deltas. Logs that come by plain SQL are counted here, so that the rollups are
-- as true as the rows. The owner's rights, since whoever may insert a log need not be allowed to write rollups.
CREATE OR REPLACE FUNCTION enterprise.count_new_logs() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO enterprise.log_deltas (writer, batch, minutes, services, levels, logs)
    SELECT 0, 0, array_agg(counted.minute), array_agg(counted.service), array_agg(counted.level),
           array_agg(counted.logs)
    FROM (
        SELECT date_trunc('minute', log.timestamp, 'UTC') AS minute, named.service, log.level::text AS level,
               count(*)::integer AS logs
        FROM new_logs AS log
        -- A name must fit the key of log_minutes.
        CROSS JOIN LATERAL (
            SELECT CASE WHEN length(log.service_name) > 200
                        THEN left(log.service_name, 180) || '…' || left(md5(log.service_name), 16)
                        ELSE coalesce(log.service_name, '') END AS service) AS named
        GROUP BY 1, 2, 3
    ) AS counted
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION enterprise.count_new_logs() FROM PUBLIC;

CREATE OR REPLACE TRIGGER structured_logs_counted AFTER INSERT ON enterprise.structured_logs
    REFERENCING NEW TABLE AS new_logs FOR EACH STATEMENT EXECUTE FUNCTION enterprise.count_new_logs();

COMMIT;
