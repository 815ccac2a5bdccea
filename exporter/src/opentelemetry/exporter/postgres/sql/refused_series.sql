-- Of the series given ($1 ids, $2 their services) those that would be new to a service that has $3 live ones.
-- Live are those of the last day; an hour more, because they are touched once a day.
WITH new AS (
    SELECT g.id, g.service_name, row_number() OVER (PARTITION BY g.service_name ORDER BY g.id) AS place
    FROM unnest($1::bigint[], $2::text[]) AS g(id, service_name)
    WHERE NOT EXISTS (SELECT FROM enterprise.metric_series AS s WHERE s.id = g.id)
), live AS (
    SELECT n.service_name, (
        SELECT count(*) FROM (
            SELECT FROM enterprise.metric_series AS s
            WHERE s.service_name = n.service_name AND s.last_seen > now() - interval '25 hours'
            LIMIT $3::bigint) AS found) AS series
    FROM (SELECT DISTINCT service_name FROM new) AS n
)
SELECT new.id, new.service_name
FROM new
JOIN live USING (service_name)
WHERE live.series + new.place > $3
