-- $1 and $2 are parallel: services and levels of the rules, null for any.
WITH gone AS (
    DELETE FROM enterprise.{child} AS log
    WHERE log.ctid >= '({first},0)'::tid AND log.ctid < '({after},0)'::tid
      AND EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS rule (service, level)
                  WHERE (rule.service IS NULL OR rule.service = log.service_name)
                    AND (rule.level IS NULL OR rule.level = log.level))
      {unpinned}
    RETURNING 1
)
SELECT count(*) FROM gone
