-- Rows and different items of each request, by the numbers that the items carry.
-- $1 the first request, $2 the one after the last.
SELECT item / 1000 AS request, count(*) AS rows, count(DISTINCT item) AS items
FROM (SELECT (extra->>'faults.item')::bigint AS item FROM enterprise.structured_logs) AS s
WHERE item >= $1::bigint * 1000 AND item < $2::bigint * 1000
GROUP BY 1
