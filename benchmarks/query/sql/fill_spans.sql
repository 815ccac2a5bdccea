-- Trace n begins n * $2 seconds before $1 and has ten spans of three services. None starts at $5 or later, where the
-- partition ends.
WITH trace AS MATERIALIZED (
    SELECT n, trace_id, moment, order_id, whole_ms, ranks,
           CASE WHEN failed THEN 'error' ELSE 'completed' END AS status,
           ($7::text[])[ranks[1]] AS operation, ($6::text[])[(ranks[1] - 1) % 50 + 1] AS service
    FROM (
        SELECT n, md5('trace ' || n) AS trace_id, $1::timestamptz - n * make_interval(secs => $2::float8) AS moment,
               floor(random() * 1000000)::integer AS order_id, exp(3 + 4 * random()) AS whole_ms, random() < 0.02 AS failed,
               ARRAY[floor(power(500.999, random())), floor(power(500.999, random())),
                     floor(power(500.999, random()))]::integer[] AS ranks
        FROM generate_series($3::bigint, $4::bigint - 1) AS n
    ) AS drawn
), made AS (
    INSERT INTO enterprise.traces (
        id, trace_id, entry_point, endpoint, method, session_id, user_email, start_time, end_time, duration_ms, status,
        error_message, tags, service_name, operation_name, root_span_id, span_count, error_count, services,
        latest_start, latest_end, entry_status)
    SELECT trace_id::uuid, trace_id, 'http', '/' || replace(operation, '.', '/'), 'GET', left(trace_id, 12),
           'user' || n % 2000 || '@example.com', moment, moment + make_interval(secs => whole_ms / 1000), whole_ms,
           status, CASE status WHEN 'error' THEN 'HTTP 500' END, jsonb_build_object('http.request.method', 'GET'),
           service, operation, lpad(to_hex(n * 16), 16, '0'), 10, CASE status WHEN 'error' THEN 3 ELSE 0 END,
           ARRAY(SELECT DISTINCT ($6::text[])[(rank - 1) % 50 + 1] FROM unnest(ranks) AS rank ORDER BY 1),
           moment + make_interval(secs => whole_ms / 2000), moment + make_interval(secs => whole_ms / 1000), status
    FROM trace
)
INSERT INTO enterprise.{child} (
    id, trace_id, span_id, parent_span_id, operation_name, service_name, start_time, end_time, duration_ms, status,
    tags, kind, status_code, resource_id, scope_id, writer, batch)
SELECT (lpad(to_hex((extract(epoch FROM begin) * 1000)::bigint), 12, '0') || '7' || substr(trace_id, 14, 3) || '8'
        || substr(trace_id, 18, 14) || step)::uuid,
       trace_id, lpad(to_hex(n * 16 + step), 16, '0'), lpad(to_hex(n * 16 + parent), 16, '0'), operation_of_span,
       ($6::text[])[(rank - 1) % 50 + 1], begin, begin + make_interval(secs => share * whole_ms / 1000),
       share * whole_ms, CASE WHEN fails THEN status ELSE 'completed' END,
       CASE WHEN step = 0 THEN jsonb_build_object(
                'http.request.method', 'GET', 'http.route', '/' || replace(operation_of_span, '.', '/'),
                'http.response.status_code', CASE status WHEN 'error' THEN 500 ELSE 200 END,
                'server.address', 'node-' || n % 20, 'client.address', '10.0.0.' || n % 256, 'order.id', order_id)
            WHEN database THEN jsonb_build_object(
                'db.system.name', 'postgresql', 'db.namespace', 'shop', 'db.operation.name', 'SELECT',
                'server.address', 'db-' || rank % 20, 'server.port', 5432, 'db.response.returned_rows', n % 1000)
            ELSE jsonb_build_object(
                'rpc.system', 'grpc', 'rpc.service', 'shop.' || rank, 'server.address', 'node-' || rank % 20,
                'code.function.name', 'app.' || operation_of_span, 'thread.id', n % 64, 'app.step', step) END,
       kind, CASE WHEN fails AND status = 'error' THEN 2 ELSE 0 END, (rank - 1) % 50 + 1, 1, 1000000,
       extract(epoch FROM moment)::bigint
FROM trace
CROSS JOIN (VALUES
    (0, NULL, 1, 2, 0.0, 1.0, true, false), (1, 0, 1, 3, 0.05, 0.5, true, false), (2, 1, 2, 2, 0.07, 0.4, true, false),
    (3, 2, 2, 1, 0.1, 0.1, false, false), (4, 2, 2, 3, 0.2, 0.2, false, true), (5, 0, 1, 3, 0.3, 0.3, false, false),
    (6, 5, 3, 2, 0.31, 0.25, false, false), (7, 6, 3, 1, 0.35, 0.1, false, false), (8, 6, 3, 3, 0.4, 0.1, false, true),
    (9, 0, 1, 1, 0.5, 0.05, false, false)
) AS shape(step, parent, who, kind, after, share, fails, database)
CROSS JOIN LATERAL (
    SELECT ranks[who] AS rank,
           ($7::text[])[CASE kind WHEN 2 THEN ranks[who] ELSE (ranks[who] - 1) % 50 + 1 + 50 * step END]
               AS operation_of_span,
           least(moment + make_interval(secs => after * whole_ms / 1000), $5::timestamptz - interval '1 microsecond')
               AS begin
) AS span
