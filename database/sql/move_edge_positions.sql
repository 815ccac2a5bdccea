-- One step on: $1 writers, $2 how far their spans are seen now; $3 the time until which that is all. What was seen
-- before is counted.
WITH gone AS (
    DELETE FROM enterprise.edge_positions AS p
    WHERE p.writer > 0 AND NOT EXISTS (SELECT FROM enterprise.writers AS w WHERE w.writer = p.writer)
), progress AS (
    UPDATE enterprise.rollup_progress SET counted_until = seen_until, seen_until = $3 WHERE rollup = 'edges'
)
INSERT INTO enterprise.edge_positions AS p (writer, earlier, counted, seen)
SELECT writer, 0, 0, seen FROM unnest($1::integer[], $2::bigint[]) AS g(writer, seen)
ON CONFLICT (writer) DO UPDATE SET earlier = p.counted, counted = p.seen, seen = excluded.seen
    WHERE (p.earlier, p.counted, p.seen) IS DISTINCT FROM (p.counted, p.seen, excluded.seen)
