"""Telemetry to search: every row differs from the next in what a search may ask for."""

from datetime import datetime

from tests.served_api import sql

RESOURCES = [
    (1, "checkout", '{"service.name": "checkout", "k8s.pod.name": "pod-1", "deployment.environment.name": "prod"}'),
    (2, "cart", '{"service.name": "cart", "k8s.pod.name": "pod-2", "replicas": 3}'),
    (3, "health", '{"service.name": "health", "k8s.pod.name": "pod_3%"}'),
]
SCOPES = [(1, "my.scope", "1.2.3", '{"team": "green"}'), (2, "other", "", "{}")]

MESSAGES = [
    "Connection reset by peer",
    "connections were reset, connection by connection",
    "reset the connection",
    "The request timed out after 500 ms",
    "Straße gesperrt: ÜBERGRÖSSE",
    "データベース 接続 エラー",
    "100% of a_b\\c done",
    "to be or not to be",
    "GET /health 200",
    "GET /chat?x=1 500",
    "'; DROP TABLE enterprise.traces; --",
]
VALUES = [
    '{"http.response.status_code": 500, "flag": true, "text": "a*b", "list": ["red", "green", 7]}',
    '{"http.response.status_code": "500", "flag": "true", "text": "a%b", "list": []}',
    '{"http.response.status_code": 404, "flag": false, "text": "axb", "ratio": 0.5}',
    '{"http.response.status_code": "n/a", "text": "A*B", "odd \\"key\\": x": "v"}',
    '{"big": 12345678901234567890, "nested": {"a": 1}, "nothing": null, "team": "blue"}',
    "{}",
]
LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
USERS = ["ann@acme.com", "ben@acme.com", "ANN@acme.com", "cy@other.org", None]
LOGGERS = ["app", "app.db", "health.check", "100% app", "my_app"]


def add_origins(dsn: str) -> None:
    for resource in RESOURCES:
        sql(dsn, "INSERT INTO enterprise.resources (id, service_name, attributes) VALUES ($1, $2, $3)", *resource)
    for scope in SCOPES:
        sql(dsn, "INSERT INTO enterprise.scopes (id, name, version, attributes) VALUES ($1, $2, $3, $4)", *scope)


def add_logs(dsn: str, newest: datetime, count: int = 330) -> None:
    """Logs a second apart, the newest first."""
    sql(
        dsn,
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, user_email, extra, "
        "service_name, resource_id, scope_id, trace_id, session_id, endpoint, severity_number, exception_type) "
        "SELECT $1::timestamptz - i * interval '1 second', ($2::text[])[1 + i % 5], ($3::text[])[1 + i / 5 % 5], "
        "($4::text[])[1 + i % 11], ($5::text[])[1 + i / 3 % 5], (($6::text[])[1 + i % 6])::jsonb, "
        "(ARRAY['checkout', 'cart', 'health', NULL])[1 + i % 4], nullif((i + 1) % 4, 0), nullif(i % 3, 0), "
        "CASE WHEN i % 7 = 0 THEN md5((i / 14)::text) END, CASE WHEN i % 2 = 0 THEN 's' || i % 10 END, "
        "CASE WHEN i % 3 = 0 THEN '/chat/{id}' END, i % 25, CASE WHEN i % 10 = 0 THEN 'ValueError' END "
        "FROM generate_series(0, $7 - 1) AS i",
        newest,
        LEVELS,
        LOGGERS,
        MESSAGES,
        USERS,
        VALUES,
        count,
    )


def add_traces(dsn: str, newest: datetime, count: int = 60) -> None:
    """Traces a minute apart with three spans each, a root and two below it."""
    sql(
        dsn,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, service_name, "
        "start_time, end_time, duration_ms, status, error_message, tags, kind, resource_id, scope_id) "
        "SELECT md5(t::text), lpad(to_hex(t * 3 + s), 16, '0'), CASE WHEN s > 0 THEN lpad(to_hex(t * 3), 16, '0') END, "
        "(ARRAY['POST /chat', 'rag_retrieve', 'SELECT 100%'])[1 + s], "
        "(ARRAY['checkout', 'cart', 'health'])[1 + (t + s) % 3], began, "
        "began + (t * 10 + s) * interval '1 millisecond', t * 10 + s, "
        "CASE WHEN (t + s) % 10 = 0 THEN 'error' ELSE 'completed' END, "
        "CASE WHEN (t + s) % 10 = 0 THEN 'Boom ' || t END, "
        "(($2::text[])[1 + (t + s) % 6])::jsonb, (ARRAY[2, 1, 3])[1 + s], 1 + (t + s) % 3, nullif(s, 0) "
        "FROM generate_series(0, $3 - 1) AS t, generate_series(0, 2) AS s, "
        "LATERAL (SELECT $1::timestamptz - t * interval '1 minute' + s * interval '1 millisecond' AS began) AS at",
        newest,
        VALUES,
        count,
    )
    sql(
        dsn,
        "UPDATE enterprise.traces AS trace SET user_email = ($1::text[])[1 + t % 5], session_id = 's' || t % 4, "
        "method = 'POST', entry_point = 'http', endpoint = '/chat' "
        "FROM generate_series(0, $2 - 1) AS t WHERE trace.trace_id = md5(t::text)",
        USERS,
        count,
    )
