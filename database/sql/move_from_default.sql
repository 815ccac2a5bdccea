WITH moved AS (
    DELETE FROM enterprise.{parent}_default WHERE {column} >= '{lower}' AND {column} < '{upper}' RETURNING *
)
INSERT INTO enterprise.{child} SELECT * FROM moved
