SELECT count(*) FROM (
    SELECT FROM enterprise.{parent}_default WHERE {column} >= '{lower}' AND {column} < '{upper}' LIMIT $1
) AS found
