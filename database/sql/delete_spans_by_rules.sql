-- $1 has the services of the rules, null for any; $2, levels, says nothing of spans.
SELECT spans
FROM enterprise.delete_spans('enterprise.{child}', ARRAY(
    SELECT span.ctid FROM enterprise.{child} AS span
    WHERE span.ctid >= '({first},0)'::tid AND span.ctid < '({after},0)'::tid
      AND EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS rule (service, level)
                  WHERE rule.service IS NULL OR rule.service = span.service_name)
      {unpinned}))
