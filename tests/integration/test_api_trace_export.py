"""GET /traces/{trace_id}/export: OTLP's JSON, against files written by hand. The way back is an acceptance test."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from query_api import trace_export
from receiver.otlp_json import transcode
from tests.conftest import copied
from tests.served_api import sql

START = datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=UTC)
TRACE, ROOT, CHILD = "aa" * 16, "1" * 16, "2" * 16
URL = f"/api/observability/traces/{TRACE}/export"


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def add(dsn: str, span_id: str, **columns: object) -> None:
    row: dict[str, object] = {
        "trace_id": TRACE,
        "span_id": span_id,
        "operation_name": "work",
        "start_time": START,
        **columns,
    }
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    sql(dsn, f"INSERT INTO enterprise.trace_spans ({', '.join(row)}) VALUES ({places})", *row.values())


def add_origins(dsn: str) -> None:
    sql(
        dsn,
        "INSERT INTO enterprise.resources (id, service_name, attributes, schema_url, dropped_attributes_count, "
        "entity_refs) VALUES (1, 'shop', '{\"service.name\": \"shop\", \"replicas\": 3}', 'https://resource', 4, "
        '\'[{"type": "service", "schema_url": "https://entity", "id_keys": ["service.name"], '
        '"description_keys": []}]\')',
    )
    sql(
        dsn,
        "INSERT INTO enterprise.scopes (id, name, version, attributes, schema_url, dropped_attributes_count) "
        "VALUES (1, 'http', '1.2', '{\"team\": \"green\"}', 'https://scope', 5), (2, 'db', '', '{}', NULL, 0)",
    )


def exported(api: httpx.Client) -> dict[str, Any]:
    answer = api.get(URL)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="trace.otlp.json"'
    body: dict[str, Any] = answer.json()
    protobuf = transcode("traces", answer.content)
    assert protobuf.refusals == []
    ExportTraceServiceRequest.FromString(protobuf.body)
    return body


def spans_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [span for resource in body["resourceSpans"] for scope in resource["scopeSpans"] for span in scope["spans"]]


def test_a_span_is_told_with_all_that_is_stored(api: httpx.Client, database: str) -> None:
    add_origins(database)
    add(
        database,
        CHILD,
        parent_span_id=ROOT,
        start_nanos=789,
        end_time=START + timedelta(seconds=1),
        end_nanos=1,
        duration_ms=1000.0,
        status="error",
        status_code=2,
        status_message="boom",
        kind=3,
        trace_state="a=b",
        flags=257,
        tags='{"text": "t", "yes": true, "int": -5, "double": 1.0, "big": 1e30, "none": null, "list": [1, "a"], '
        '"map": {}}',
        logs='[{"timestamp": "2026-11-23T09:30:00.500000+00:00", "message": "retry", "n": 1, '
        '"attribute.message": "own", "dropped_attributes_count": 2}, '
        '{"timestamp": "2026-11-23T09:30:00.500000007+00:00", "message": "Error: boom", "level": "error", '
        '"name": "exception", "exception.message": "boom"}]',
        links='[{"trace_id": "bb", "span_id": "cc", "trace_state": "x=y", "flags": 1, "dropped_attributes_count": 3, '
        '"attributes": {"k": "v"}}]',
        dropped_attributes_count=7,
        dropped_events_count=8,
        dropped_links_count=9,
        resource_id=1,
        scope_id=1,
    )
    assert exported(api) == {
        "resourceSpans": [
            {
                "resource": {
                    "attributes": [
                        {"key": "replicas", "value": {"intValue": "3"}},
                        {"key": "service.name", "value": {"stringValue": "shop"}},
                    ],
                    "droppedAttributesCount": 4,
                    "entityRefs": [
                        {
                            "schemaUrl": "https://entity",
                            "type": "service",
                            "idKeys": ["service.name"],
                            "descriptionKeys": [],
                        }
                    ],
                },
                "schemaUrl": "https://resource",
                "scopeSpans": [
                    {
                        "scope": {
                            "name": "http",
                            "version": "1.2",
                            "attributes": [{"key": "team", "value": {"stringValue": "green"}}],
                            "droppedAttributesCount": 5,
                        },
                        "schemaUrl": "https://scope",
                        "spans": [
                            {
                                "traceId": TRACE,
                                "spanId": CHILD,
                                "traceState": "a=b",
                                "parentSpanId": ROOT,
                                "flags": 257,
                                "name": "work",
                                "kind": 3,
                                "startTimeUnixNano": "1795426200123456789",
                                "endTimeUnixNano": "1795426201123456001",
                                "attributes": [
                                    {"key": "big", "value": {"doubleValue": 1e30}},
                                    {"key": "int", "value": {"intValue": "-5"}},
                                    {"key": "map", "value": {"kvlistValue": {"values": []}}},
                                    {"key": "yes", "value": {"boolValue": True}},
                                    {
                                        "key": "list",
                                        "value": {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "a"}]}},
                                    },
                                    {"key": "none", "value": {}},
                                    {"key": "text", "value": {"stringValue": "t"}},
                                    {"key": "double", "value": {"doubleValue": 1.0}},
                                ],
                                "droppedAttributesCount": 7,
                                "events": [
                                    {
                                        "timeUnixNano": "1795426200500000000",
                                        "name": "retry",
                                        "attributes": [
                                            {"key": "n", "value": {"intValue": "1"}},
                                            {"key": "message", "value": {"stringValue": "own"}},
                                        ],
                                        "droppedAttributesCount": 2,
                                    },
                                    {
                                        "timeUnixNano": "1795426200500000007",
                                        "name": "exception",
                                        "attributes": [{"key": "exception.message", "value": {"stringValue": "boom"}}],
                                    },
                                ],
                                "droppedEventsCount": 8,
                                "links": [
                                    {
                                        "traceId": "bb",
                                        "spanId": "cc",
                                        "traceState": "x=y",
                                        "attributes": [{"key": "k", "value": {"stringValue": "v"}}],
                                        "droppedAttributesCount": 3,
                                        "flags": 1,
                                    }
                                ],
                                "droppedLinksCount": 9,
                                "status": {"code": 2, "message": "boom"},
                            }
                        ],
                    }
                ],
            }
        ]
    }


def test_spans_stand_with_what_emitted_them(api: httpx.Client, database: str) -> None:
    add_origins(database)
    for number in range(250):
        add(
            database,
            f"{number + 1:016x}",
            resource_id=1 if number % 2 else None,
            scope_id=1 + number % 4 // 2,
            service_name="shop",
            start_nanos=number,
        )
    body = exported(api)
    groups = [
        (
            resource["resource"].get("droppedAttributesCount"),
            resource["scopeSpans"][0]["scope"]["name"],
            len(resource["scopeSpans"][0]["spans"]),
        )
        for resource in body["resourceSpans"]
    ]
    assert groups == [(4, "http", 63), (4, "db", 62), (None, "http", 63), (None, "db", 62)]
    assert len({span["spanId"] for span in spans_of(body)}) == 250


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"status": "error", "error_message": "no code"}, {"status": {"code": 2, "message": "no code"}}),
        ({"status": "completed", "status_code": 1}, {"status": {"code": 1}}),
        ({"tags": "[1]"}, {"attributes": []}),
        ({"tags": None, "logs": None}, {"attributes": [], "events": []}),
        ({"logs": '["started"]'}, {"events": [{"name": "started"}]}),
        (
            {"logs": '[{"timestamp": "soon", "message": 5, "level": "info"}]'},
            {"events": [{"name": "5", "attributes": [{"key": "level", "value": {"stringValue": "info"}}]}]},
        ),
        (
            {"logs": '[{"timestamp": "2026-11-23T10:30:00+01:00"}, {"timestamp": "1960-01-01T00:00:00Z"}]'},
            {
                "events": [
                    {"timeUnixNano": "1795426200000000000", "name": "", "attributes": []},
                    {"name": "", "attributes": []},
                ]
            },
        ),
        ({"links": '[5, {"trace_id": "x"}]'}, {"links": [{}, {"traceId": "x", "attributes": []}]}),
        ({"tags": '{"n": 1' + "0" * 400 + "}"}, {"attributes": [{"key": "n", "value": {"doubleValue": "Infinity"}}]}),
    ],
)
def test_rows_by_plain_sql_are_told_as_far_as_otlp_can(
    api: httpx.Client, database: str, columns: dict[str, object], expected: dict[str, object]
) -> None:
    add(database, CHILD, service_name="by hand", **columns)
    body = exported(api)
    [span] = spans_of(body)
    assert {name: span[name] for name in expected} == expected
    assert body["resourceSpans"][0]["resource"] == {
        "attributes": [{"key": "service.name", "value": {"stringValue": "by hand"}}]
    }


@pytest.mark.parametrize("start", ["0044-03-15 BC", "1969-12-31Z", "2555-01-01Z", "infinity", "-infinity"])
def test_times_that_otlp_cannot_tell_are_left_out(api: httpx.Client, database: str, start: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time) "
        f"VALUES ($1, $2, 'odd', '{start}')",
        TRACE,
        ROOT,
    )
    assert "startTimeUnixNano" not in spans_of(exported(api))[0]


def test_a_span_that_came_twice_comes_once_and_a_trace_without_spans_is_empty(api: httpx.Client, database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.traces (trace_id, entry_point, start_time) VALUES ($1, 'http', $2)",
        TRACE,
        START,
    )
    assert exported(api) == {"resourceSpans": []}
    for _ in range(2):
        add(database, ROOT)
    assert len(spans_of(exported(api))) == 1


def test_an_unknown_trace_and_an_unknown_format_are_refused(api: httpx.Client) -> None:
    answer = api.get(URL)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Trace not found"})
    assert api.get(f"{URL}?format=zipkin").status_code == 422
    assert api.get(f"{URL}?format=").status_code == 404


def test_two_exports_run_at_once(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_export, "_places", asyncio.Semaphore(0))
    answer = api.get(URL)
    assert answer.status_code == 503
    assert "try again" in answer.json()["detail"]
