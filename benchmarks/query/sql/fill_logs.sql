-- Log i is i * $2 seconds older than $1. One of $6 logs holds the rare word.
INSERT INTO enterprise.{child} (
    id, timestamp, level, logger_name, message, trace_id, span_id, service_name, severity_number, severity_text, extra,
    resource_id, scope_id, writer, batch)
SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || '7' || substr(hash, 14, 3) || '8'
        || substr(hash, 18))::uuid,
       moment,
       level,
       operation,
       concat_ws(' ', operation, words[1 + get_byte(raw, 0) % choice], words[1 + get_byte(raw, 1) % choice],
                 words[1 + get_byte(raw, 2) % choice], words[1 + get_byte(raw, 3) % choice], 'order', order_id,
                 CASE WHEN i % $6 = 7 THEN 'zirconium' END, 'after', (1000 * chance)::integer, 'ms'),
       CASE WHEN i % 2 = 0 THEN md5('trace ' || (i / 10 + 1)) END,
       CASE WHEN i % 2 = 0 THEN lpad(to_hex((i / 10 + 1) * 16 + i % 10), 16, '0') END,
       services[(rank - 1) % 50 + 1],
       CASE level WHEN 'INFO' THEN 9 WHEN 'WARNING' THEN 13 WHEN 'ERROR' THEN 17 ELSE 5 END,
       CASE level WHEN 'WARNING' THEN 'WARN' ELSE level END,
       jsonb_build_object('order.id', order_id, 'thread.name', 'worker-' || i % 16,
                          'code.function.name', 'app.' || operation,
                          'http.response.status_code', CASE level WHEN 'ERROR' THEN 500 ELSE 200 END),
       (rank - 1) % 50 + 1, 1, 1000000, extract(epoch FROM moment)::bigint
FROM (
    SELECT i, moment, rank, chance, order_id, hash, decode(hash, 'hex') AS raw, $5::text[] AS words,
           cardinality($5::text[]) AS choice, $7::text[] AS services, ($8::text[])[rank] AS operation,
           CASE WHEN chance < 0.9 THEN 'INFO' WHEN chance < 0.95 THEN 'WARNING' WHEN chance < 0.97 THEN 'ERROR'
                ELSE 'DEBUG' END AS level
    FROM (
        SELECT i, md5('log ' || i) AS hash, $1::timestamptz - i * make_interval(secs => $2::float8) AS moment,
               floor(power(500.999, random()))::integer AS rank, random() AS chance,
               floor(random() * 1000000)::integer AS order_id
        FROM generate_series($3::bigint, $4::bigint - 1) AS i
    ) AS drawn
    OFFSET 0
) AS log
