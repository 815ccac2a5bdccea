-- As JSON, since an application's own table under the view's name need not have all of its columns.
SELECT to_jsonb(shown) AS row
FROM enterprise.{view} AS shown
WHERE timestamp >= $1 AND timestamp < $2
  AND {labels} = {values}
  AND {counted}
ORDER BY {order} DESC NULLS LAST
LIMIT {most}
