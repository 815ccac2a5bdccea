"""Which attribute fills which column, in the order that senders' conventions demand."""

import pytest
from opentelemetry.exporter.postgres import sources

INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5
Facts = dict[str, object]

ENTRY_POINTS: list[tuple[Facts, int, str]] = [
    ({"http.request.method": "GET"}, SERVER, "http"),
    ({"http.method": "GET"}, SERVER, "http"),
    ({"http.route": "/x"}, SERVER, "http"),
    ({"url.path": "/x"}, SERVER, "http"),
    ({"http.target": "/x"}, SERVER, "http"),
    ({"http.request.method": "GET"}, CLIENT, "internal"),
    ({"url.scheme": "ws", "http.request.method": "GET"}, SERVER, "websocket"),
    ({"http.scheme": "wss"}, SERVER, "websocket"),
    ({"asgi.event.type": "websocket.receive"}, INTERNAL, "websocket"),
    ({"asgi.event.type": "http.request"}, INTERNAL, "internal"),
    ({"network.protocol.name": "websocket"}, SERVER, "websocket"),
    ({"signalr.transport": "web_sockets"}, SERVER, "websocket"),
    ({"rpc.system.name": "grpc"}, SERVER, "rpc"),
    ({"rpc.system": "grpc"}, CLIENT, "rpc"),
    ({"rpc.system": "connect_rpc", "http.method": "POST"}, SERVER, "http"),
    ({"messaging.system": "kafka"}, CONSUMER, "messaging"),
    ({"messaging.destination.name": "orders"}, CONSUMER, "messaging"),
    ({"messaging.system": "kafka"}, PRODUCER, "internal"),
    ({"faas.trigger": "timer"}, SERVER, "faas"),
    ({"graphql.operation.type": "query"}, SERVER, "graphql"),
    ({"gen_ai.operation.name": "invoke_agent"}, INTERNAL, "agent"),
    ({"gen_ai.operation.name": "invoke_workflow"}, CLIENT, "agent"),
    ({"gen_ai.operation.name": "chat"}, CLIENT, "internal"),
    ({}, SERVER, "internal"),
    ({}, 77, "internal"),
]


@pytest.mark.parametrize(("facts", "kind", "expected"), ENTRY_POINTS)
def test_entry_point(facts: Facts, kind: int, expected: str) -> None:
    assert sources.entry_point(facts, kind) == expected


ENDPOINTS: list[tuple[Facts, str]] = [
    ({"http.route": "/a/{id}", "url.path": "/a/1", "http.target": "/a/1?q"}, "/a/{id}"),
    ({"url.template": "/b/{id}", "url.path": "/b/1"}, "/b/{id}"),
    ({"url.path": "/c/1", "http.target": "/c/2"}, "/c/1"),
    ({"http.target": "/pay?card=4111", "http.url": "http://h/other"}, "/pay"),
    ({"http.target": "/pay#card"}, "/pay"),
    ({"http.target": "/login?next=http://elsewhere/secret"}, "/login"),
    ({"http.target": "/proxy/http://elsewhere/x?y"}, "/proxy/http://elsewhere/x"),
    ({"url.full": "https://u:p@host:8443/d/1?token=s#f", "http.url": "http://h/other"}, "/d/1"),
    ({"http.url": "http://host/e?token=s"}, "/e"),
    ({"http.url": "http://host"}, "/"),
    ({"http.url": "http://host?redirect=/token/s"}, "/"),
    ({"rpc.method": "pkg.Shop/Buy"}, "pkg.Shop/Buy"),
    ({"rpc.method": "Buy", "rpc.service": "pkg.Shop"}, "pkg.Shop/Buy"),
    ({"rpc.method": "pkg.Shop/Buy", "rpc.service": "pkg.Shop"}, "pkg.Shop/Buy"),
    ({"rpc.method": "Buy"}, "Buy"),
    ({"messaging.destination.template": "t-{n}", "messaging.destination.name": "t-1"}, "t-{n}"),
    ({"messaging.destination.name": "t-1", "graphql.operation.type": "query"}, "t-1"),
    ({"graphql.operation.type": "query"}, "query"),
    ({"http.request.method": "GET"}, "the span"),
    ({"http.route": ""}, "the span"),
    ({"http.route": ["/list", "x"]}, "/list"),
    ({}, "the span"),
]


@pytest.mark.parametrize(("facts", "expected"), ENDPOINTS)
def test_endpoint(facts: Facts, expected: str) -> None:
    assert sources.endpoint(facts, "the span") == expected


METHODS: list[tuple[Facts, str | None]] = [
    ({"http.request.method": "GET", "http.method": "POST"}, "GET"),
    ({"http.method": "POST"}, "POST"),
    ({"http.request.method": "_OTHER", "http.request.method_original": "BREW"}, "BREW"),
    ({"http.request.method": "_OTHER"}, "_OTHER"),
    ({"url.scheme": "ws"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("facts", "expected"), METHODS)
def test_method(facts: Facts, expected: str | None) -> None:
    assert sources.method(facts) == expected


USERS: list[tuple[Facts, tuple[str, str] | None]] = [
    ({"user.email": "a@x", "user_email": "b@x", "enduser.id": "c@x"}, ("user.email", "a@x")),
    ({"user_email": "b@x", "http.request.header.x_user_email": ["c@x"]}, ("user_email", "b@x")),
    ({"http.request.header.x_user_email": ["c@x", "d@x"]}, ("http.request.header.x_user_email", "c@x")),
    ({"http.request.header.x_user_email": []}, None),
    ({"user.email": "", "enduser.id": "c@x"}, ("enduser.id", "c@x")),
    ({"user.email": 7}, ("user.email", "7")),
    ({"enduser.id": "c@x", "user.id": "d@x"}, ("enduser.id", "c@x")),
    ({"user.id": "d@x", "user.name": "e@x"}, ("user.id", "d@x")),
    ({"user.name": "e@x"}, ("user.name", "e@x")),
    (
        {"traceloop.association.properties.user_email": "f@x"},
        ("traceloop.association.properties.user_email", "f@x"),
    ),
    ({"traceloop.association.properties.user_id": "g@x"}, ("traceloop.association.properties.user_id", "g@x")),
    ({"user.email": "a" * 600 + "@x"}, None),
    ({"user.email": "a" * 600 + "@x", "enduser.id": "c@x"}, ("enduser.id", "c@x")),
    ({}, None),
]


@pytest.mark.parametrize(("facts", "expected"), USERS)
def test_user(facts: Facts, expected: tuple[str, str] | None) -> None:
    assert sources.user(facts) == expected


@pytest.mark.parametrize("name", ["enduser.id", "user.id", "user.name", "traceloop.association.properties.user_id"])
def test_a_name_counts_as_the_user_only_if_it_is_an_address(name: str) -> None:
    assert [sources.fact(name, value) for value in ("c@x", "carla", 7, None)] == ["c@x", None, None, None]
    assert sources.fact("user.email", "carla") == "carla"


SESSIONS: list[tuple[Facts, tuple[str, str] | None]] = [
    ({"session.id": "s", "session_id": "t", "gen_ai.conversation.id": "c"}, ("session.id", "s")),
    ({"session_id": "t", "langfuse.session.id": "l"}, ("session_id", "t")),
    ({"langfuse.session.id": "l", "gen_ai.conversation.id": "c"}, ("langfuse.session.id", "l")),
    (
        {"traceloop.association.properties.session_id": "p", "gen_ai.conversation.id": "c"},
        ("traceloop.association.properties.session_id", "p"),
    ),
    ({"gen_ai.conversation.id": "c"}, ("gen_ai.conversation.id", "c")),
    ({"session.id": 12}, ("session.id", "12")),
    ({"mcp.session.id": "m", "session.previous_id": "q"}, None),
    ({"session.id": "s" * 513}, None),
]


@pytest.mark.parametrize(("facts", "expected"), SESSIONS)
def test_session(facts: Facts, expected: tuple[str, str] | None) -> None:
    assert sources.session(facts) == expected


DEPARTMENTS: list[tuple[Facts, tuple[str, str] | None]] = [
    ({"user.department": "a", "enduser.department": "b"}, ("user.department", "a")),
    ({"enduser.department": "b", "department": "c"}, ("enduser.department", "b")),
    ({"department": "c"}, ("department", "c")),
    ({"department": {}}, None),
]


@pytest.mark.parametrize(("facts", "expected"), DEPARTMENTS)
def test_department(facts: Facts, expected: tuple[str, str] | None) -> None:
    assert sources.department(facts) == expected


LOG_ENDPOINTS: list[tuple[Facts, tuple[str, str] | None]] = [
    ({"endpoint": "/e", "http.route": "/r"}, ("endpoint", "/e")),
    ({"http.route": "/r", "url.path": "/p"}, ("http.route", "/r")),
    ({"url.path": "/p", "http.target": "/t"}, ("url.path", "/p")),
    ({"http.target": "/t?secret=1"}, ("http.target", "/t")),
    ({}, None),
]


@pytest.mark.parametrize(("facts", "expected"), LOG_ENDPOINTS)
def test_log_endpoint(facts: Facts, expected: tuple[str, str] | None) -> None:
    assert sources.log_endpoint(facts) == expected


STATUSES: list[tuple[Facts, int | None]] = [
    ({"http.response.status_code": 404, "http.status_code": 200}, 404),
    ({"http.status_code": 200}, 200),
    ({"http.response.status_code": "404"}, 404),
    ({"http.response.status_code": "404.0"}, 404),
    ({"http.response.status_code": 503.0}, 503),
    ({"http.response.status_code": [500]}, 500),
    ({"http.response.status_code": "none"}, None),
    ({"http.response.status_code": float("nan")}, None),
    ({"http.response.status_code": float("inf")}, None),
    ({"http.response.status_code": {}, "http.status_code": 201}, 201),
    ({}, None),
]


@pytest.mark.parametrize(("facts", "expected"), STATUSES)
def test_http_status(facts: Facts, expected: int | None) -> None:
    assert sources.http_status(facts) == expected


MESSAGES: list[tuple[Facts | None, str | None, str | None, str | None]] = [
    ({"error.message": "m"}, "described", "raised", "described"),
    ({"error.message": "m"}, None, "raised", "raised"),
    ({"error.message": "m", "error.type": "t", "http.status_code": 500}, None, None, "m"),
    ({"error.type": "TimeoutError", "http.status_code": 500}, None, None, "TimeoutError"),
    ({"error.type": "500", "http.response.status_code": 500}, None, None, "HTTP 500"),
    ({"http.response.status_code": "502"}, "", "", "HTTP 502"),
    ({"http.route": "/x"}, None, None, None),
    ({}, None, None, None),
    (None, None, None, None),
    (None, None, "raised", "raised"),
]


@pytest.mark.parametrize(("facts", "status_message", "exception", "expected"), MESSAGES)
def test_error_message(
    facts: Facts | None, status_message: str | None, exception: str | None, expected: str | None
) -> None:
    assert sources.error_message(facts, status_message, exception) == expected


TEXTS: list[tuple[object, str | None]] = [
    ("a", "a"),
    ("", None),
    (None, None),
    (True, "true"),
    (False, "false"),
    (7, "7"),
    (1.5, "1.5"),
    ([], None),
]


@pytest.mark.parametrize(("value", "expected"), [*TEXTS, *(([value, "next"], text) for value, text in TEXTS[:7])])
def test_as_text(value: object, expected: str | None) -> None:
    assert sources.as_text(value) == expected
    assert sources.as_text({"k": value}) is None
