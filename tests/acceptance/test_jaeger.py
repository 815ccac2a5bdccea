"""Jaeger's query API over telemetry that came by OTLP, against its JSON written by hand."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from query_api.jaeger.models import Dependencies, JaegerNames, JaegerOperations, JaegerTraces
from tests.conftest import copied
from tests.otelgres_process import OtelgresProcess
from tests.senders import post

TRACE, OTHER = "83a9efd15c1c98a977e0711cc93ee28b", "000000000000000000000000abcdef12"
ROOT, CHILD, FAILED = "909541b92cf05311", "e127af99e3b3e074", "aaaaaaaaaaaaaaaa"
START = time.time_ns() // 10**9 * 10**9 - 60 * 10**9 + 123_456_789
"""In nanoseconds."""


def values(**attributes: object) -> list[dict[str, object]]:
    return [{"key": key.replace("__", "."), "value": value} for key, value in attributes.items()]


def text(value: str) -> dict[str, str]:
    return {"stringValue": value}


SPANS: list[dict[str, Any]] = [
    {
        "traceId": TRACE,
        "spanId": ROOT,
        "name": "lets-go",
        "kind": 3,
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(START + 2_000_999),
        "attributes": values(
            net__peer__ip=text("1.2.3.4"),
            retries={"intValue": "3"},
            huge={"intValue": str(2**60)},
            ratio={"doubleValue": 0.5},
            cached={"boolValue": False},
            names={"arrayValue": {"values": [text("a"), {"intValue": "1"}]}},
            empty=text(""),
        ),
        "events": [
            {"timeUnixNano": str(START + 1_000_000), "name": "cache miss", "attributes": values(key=text("k1"))},
            {
                "timeUnixNano": str(START + 2_000_000),
                "name": "exception",
                "attributes": values(exception__type=text("E")),
            },
        ],
        "traceState": "a=b",
        "status": {"code": 1},
    },
    {
        "traceId": TRACE,
        "spanId": CHILD,
        "parentSpanId": ROOT,
        "name": "okey-dokey-0",
        "kind": 2,
        "startTimeUnixNano": str(START + 500_000),
        "endTimeUnixNano": str(START + 623_000),
        "attributes": values(peer__service=text("telemetrygen-client")),
        "links": [
            {"traceId": OTHER, "spanId": FAILED},
            {"traceId": OTHER, "spanId": ROOT, "attributes": values(opentracing__ref_type=text("child_of"))},
        ],
        "status": {},
    },
    {
        "traceId": OTHER,
        "spanId": FAILED,
        "name": "run",
        "startTimeUnixNano": str(START + 10**9),
        "endTimeUnixNano": str(START + 3 * 10**9),
        "status": {"code": 2, "message": "out of stock"},
    },
]
CLIENT = {"serviceName": "telemetrygen", "tags": [{"key": "host.name", "type": "string", "value": "h1"}]}
SERVER = {"serviceName": "shop", "tags": []}


def expected(scope: dict[str, Any] | None = None) -> dict[str, Any]:
    """The first trace, its spans in the order in which they began."""
    begun = START // 1000
    return {
        "traceID": TRACE,
        "spans": [
            {
                "traceID": TRACE,
                "spanID": ROOT,
                "operationName": "lets-go",
                "references": [],
                "startTime": begun,
                "duration": 2000,
                "tags": [
                    {"key": "otel.scope.name", "type": "string", "value": "gen"},
                    {"key": "otel.scope.version", "type": "string", "value": "1.2"},
                    {"key": "cached", "type": "bool", "value": False},
                    {"key": "empty", "type": "string", "value": ""},
                    {"key": "huge", "type": "int64", "value": str(2**60)},
                    {"key": "names", "type": "string", "value": '["a",1]'},
                    {"key": "net.peer.ip", "type": "string", "value": "1.2.3.4"},
                    {"key": "ratio", "type": "float64", "value": 0.5},
                    {"key": "retries", "type": "int64", "value": 3},
                    {"key": "span.kind", "type": "string", "value": "client"},
                    {"key": "otel.status_code", "type": "string", "value": "OK"},
                    {"key": "w3c.tracestate", "type": "string", "value": "a=b"},
                ],
                "logs": [
                    {
                        "timestamp": begun + 1000,
                        "fields": [
                            {"key": "event", "type": "string", "value": "cache miss"},
                            {"key": "key", "type": "string", "value": "k1"},
                        ],
                    },
                    {
                        "timestamp": begun + 2000,
                        "fields": [
                            {"key": "event", "type": "string", "value": "exception"},
                            {"key": "exception.type", "type": "string", "value": "E"},
                        ],
                    },
                ],
                "processID": "p1",
                "warnings": None,
            },
            {
                "traceID": TRACE,
                "spanID": CHILD,
                "operationName": "okey-dokey-0",
                "references": [
                    {"refType": "CHILD_OF", "traceID": TRACE, "spanID": ROOT},
                    {"refType": "FOLLOWS_FROM", "traceID": OTHER, "spanID": FAILED},
                    {"refType": "CHILD_OF", "traceID": OTHER, "spanID": ROOT},
                ],
                "startTime": begun + 500,
                "duration": 123,
                "tags": [
                    {"key": "peer.service", "type": "string", "value": "telemetrygen-client"},
                    {"key": "span.kind", "type": "string", "value": "server"},
                ],
                "logs": [],
                "processID": "p2",
                "warnings": None,
            },
        ],
        "processes": {"p1": CLIENT, "p2": SERVER},
        "warnings": None,
    }


def told(trace: dict[str, Any]) -> dict[str, Any]:
    """The same whatever the order of attributes and processes, which is not kept."""
    copy: dict[str, Any] = json.loads(json.dumps(trace))
    for span in copy["spans"]:
        span["tags"].sort(key=lambda tag: tag["key"])
        span["process"] = copy["processes"][span.pop("processID")]
    copy["spans"].sort(key=lambda span: span["startTime"])
    del copy["processes"]
    return copy


@pytest.fixture(scope="module")
def api(postgres_dsn: str, template_database: str) -> Iterator[httpx.Client]:
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn})
        try:
            body = {
                "resourceSpans": [
                    {
                        "resource": {"attributes": values(service__name=text("telemetrygen"), host__name=text("h1"))},
                        "scopeSpans": [{"scope": {"name": "gen", "version": "1.2"}, "spans": [SPANS[0], SPANS[2]]}],
                    },
                    {
                        "resource": {"attributes": values(service__name=text("shop"))},
                        "scopeSpans": [{"spans": [SPANS[1]]}],
                    },
                ]
            }
            answer = post(process, "traces", json.dumps(body).encode(), {"content-type": "application/json"})
            assert answer.json() == {}
            with httpx.Client(base_url=f"{process.url}/jaeger/api", timeout=30) as client:
                yield client
        finally:
            process.close()


def get(api: httpx.Client, path: str, **parameters: object) -> Any:
    answer = api.get(path, params={name.rstrip("_"): str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("id_", [TRACE, TRACE.upper()])
def test_a_trace_is_as_jaeger_tells_it(api: httpx.Client, id_: str) -> None:
    body = get(api, f"/traces/{id_}")
    JaegerTraces.model_validate(body)
    assert {name: value for name, value in body.items() if name != "data"} == {
        "total": 0,
        "limit": 0,
        "offset": 0,
        "errors": None,
    }
    [trace] = body["data"]
    assert told(trace) == told(expected())


def test_a_failed_span_says_so_in_tags(api: httpx.Client) -> None:
    [trace] = get(api, "/traces/abcdef12")["data"]
    assert trace["traceID"] == OTHER
    assert trace["spans"][0]["tags"][2:] == [
        {"key": "otel.status_code", "type": "string", "value": "ERROR"},
        {"key": "error", "type": "bool", "value": True},
        {"key": "otel.status_description", "type": "string", "value": "out of stock"},
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"service": "telemetrygen"}, [OTHER, TRACE]),
        ({"service": "telemetrygen", "limit": 1}, [OTHER]),
        ({"service": "shop"}, [TRACE]),
        ({"service": "telemetrygen", "operation": "lets-go"}, [TRACE]),
        ({"service": "shop", "operation": "lets-go"}, []),
        ({"service": "telemetrygen", "minDuration": "1.5s"}, [OTHER]),
        ({"service": "telemetrygen", "maxDuration": "1s500ms"}, [TRACE]),
        ({"service": "telemetrygen", "minDuration": "2000us", "maxDuration": "3ms"}, [TRACE]),
        ({"service": "telemetrygen", "tags": '{"error":"true"}'}, [OTHER]),
        ({"service": "telemetrygen", "tags": '{"error":"false"}'}, [TRACE]),
        ({"service": "telemetrygen", "tags": '{"retries":"3","host.name":"h1"}'}, [TRACE]),
        ({"service": "telemetrygen", "tags": '{"retries":"4"}'}, []),
        ({"service": "telemetrygen", "tag": "net.peer.ip:1.2.3.4"}, [TRACE]),
        ({"service": "telemetrygen", "tag": "span.kind:client"}, [TRACE]),
        ({"service": "telemetrygen", "tag": "otel.scope.name:gen"}, [OTHER, TRACE]),
        ({"service": "telemetrygen", "start": START // 1000 + 10**6}, [OTHER]),
        ({"service": "telemetrygen", "end": START // 1000 + 10**6}, [TRACE]),
        ({"service": "nobody"}, []),
        ({"traceID": TRACE}, [TRACE]),
    ],
)
def test_a_search_finds_what_jaeger_would(api: httpx.Client, asked: dict[str, object], found: list[str]) -> None:
    body = get(api, "/traces", **asked)
    JaegerTraces.model_validate(body)
    assert [trace["traceID"] for trace in body["data"]] == found


def test_of_ids_those_that_are_not_there_are_named(api: httpx.Client) -> None:
    body = api.get("/traces", params=[("traceID", TRACE), ("traceID", "f" * 32)]).json()
    assert [trace["traceID"] for trace in body["data"]] == [TRACE]
    assert body["errors"] == [{"code": 404, "msg": "trace not found", "traceID": "f" * 32}]


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("/traces", 400, "parameter 'service' is required"),
        ("/traces?service=a&limit=0", 400, "limit: "),
        ("/traces?service=a&start=x", 400, "start: "),
        ("/traces?service=a&start=2000000&end=1000000", 400, "start must be before end"),
        ("/traces?service=a&minDuration=fast", 400, "minDuration: "),
        ("/traces?service=a&tags=x", 400, "tags.0: "),
        ("/traces?service=a&tags=[1]", 400, "tags.0: "),
        ("/traces?service=a&tag=x", 400, "tag.0: "),
        ("/traces?service=a&tag=span.kind:nothing", 400, "kind has no value 'nothing'"),
        ("/operations", 400, "service: "),
        ("/operations?service=a&spanKind=nothing", 400, "unsupported span kind: nothing"),
        (f"/traces/{'e' * 32}", 404, "trace not found"),
    ],
)
def test_a_mistake_is_told_in_its_envelope(api: httpx.Client, path: str, code: int, message: str) -> None:
    answer = api.get(path)
    assert answer.status_code == code
    body = answer.json()
    assert (body["data"], body["errors"][0]["code"]) == (None, code)
    assert body["errors"][0]["msg"].startswith(message)


def test_services_and_their_operations(api: httpx.Client) -> None:
    body = get(api, "/services")
    JaegerNames.model_validate(body)
    assert body == {"data": ["shop", "telemetrygen"], "total": 2, "limit": 0, "offset": 0, "errors": None}
    assert get(api, "/services/telemetrygen/operations")["data"] == ["lets-go", "run"]
    body = get(api, "/operations", service="telemetrygen")
    JaegerOperations.model_validate(body)
    assert body["data"] == [{"name": "lets-go", "spanKind": "client"}, {"name": "run", "spanKind": ""}]
    assert get(api, "/operations", service="telemetrygen", spanKind="client")["total"] == 1


def test_who_calls_whom(api: httpx.Client) -> None:
    deadline = time.monotonic() + 60
    while not (found := get(api, "/dependencies", endTs=time.time_ns() // 10**6, lookback=3_600_000)["data"]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    Dependencies.model_validate(get(api, "/dependencies"))
    assert found == [{"parent": "telemetrygen", "child": "shop", "callCount": 1}]
    assert get(api, "/dependencies", service="shop")["data"] == found
    assert get(api, "/dependencies", service="nobody")["data"] == []
    assert get(api, "/dependencies", endTs=1000, lookback=10**12)["data"] == []
