SELECT count(*)::int AS rows, min({column}) AS first, max({column}) AS last
FROM (SELECT {column} FROM enterprise.{parent}_default LIMIT $1) AS found
