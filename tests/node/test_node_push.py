"""npm's clients of Zipkin and of Loki: every field of what they send is in the rows."""

import subprocess
import uuid
from collections.abc import Callable
from typing import Any

from tests import rows
from tests.conftest import run
from tests.node.install import HERE, NODE, environment, is_complete
from tests.otelgres_process import OtelgresProcess

Start = Callable[..., OtelgresProcess]
SPANS = """
    SELECT s.*, r.attributes AS resource, c.name AS scope
    FROM enterprise.trace_spans AS s
    JOIN enterprise.resources AS r ON r.id = resource_id JOIN enterprise.scopes AS c ON c.id = scope_id
    WHERE s.service_name LIKE $1 || '-%' ORDER BY start_time"""
LOGS = """
    SELECT l.*, r.attributes AS resource
    FROM enterprise.structured_logs AS l JOIN enterprise.resources AS r ON r.id = resource_id
    WHERE l.service_name = $1 ORDER BY message DESC"""


def tell(program: str, *arguments: str) -> None:
    assert is_complete(), "npm packages are missing: run python -m tests.node.install"
    command = [str(NODE), program, *arguments]
    done = subprocess.run(command, cwd=HERE, env=environment(), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def has(row: rows.Record, **expected: Any) -> None:
    assert {name: row[name] for name in expected} == expected


def test_what_they_send(receivers: Start) -> None:
    process = receivers()
    name = f"n{uuid.uuid4().hex[:8]}"
    tell("zipkin.mjs", f"{process.otlp_http_url}/api/v2/spans", name)
    assert_spans(run(rows.fetch(process.dsn, SPANS, name)), name)
    tell("loki.mjs", process.otlp_http_url, name)
    for way in ("json", "protobuf"):
        assert_logs(run(rows.fetch(process.dsn, LOGS, f"{name}-{way}")), f"{name}-{way}", way)


def assert_spans(found: list[rows.Record], name: str) -> None:
    order, client, server, reserve = found
    has(
        order,
        operation_name="order",
        kind=1,
        parent_span_id=None,
        service_name=f"{name}-shop",
        resource={"service.name": f"{name}-shop"},
        scope="",
        tags={"order": "größe 🛒"},
        status="completed",
    )
    failed = {"http.path": "/charge", "http.status_code": "500"}
    has(
        client,
        operation_name="post",
        kind=3,
        trace_id=order["trace_id"],
        parent_span_id=order["span_id"],
        service_name=f"{name}-shop",
        tags=failed | {"peer.service": f"{name}-cards"},
        status="error",
        status_code=2,
        error_message="500",
    )
    local = {"network.local.address": "10.0.0.2", "network.local.port": 8443}
    peer = {"network.peer.address": "10.0.0.1", "network.peer.port": 40_001}
    has(
        server,
        operation_name="post",
        kind=2,
        span_id=client["span_id"],
        parent_span_id=order["span_id"],
        service_name=f"{name}-cards",
        tags=failed | local | peer | {"zipkin.shared": True},
        error_message="Error: declined",
    )
    assert [event["message"] for event in server["logs"]] == ["cache miss"]
    assert order["duration_ms"] >= client["duration_ms"] >= server["duration_ms"] > 0
    has(
        reserve,
        operation_name="reserve",
        kind=5,
        parent_span_id=None,
        resource={"service.name": f"{name}-stock", "service.version": "7"},
        tags={"order.id": "7", "peer.service": "queue"},
        status="error",
        status_message="sold out",
        error_message="sold out",
    )
    assert [event["message"] for event in reserve["logs"]] == ["cache miss"]


def assert_logs(found: list[rows.Record], service: str, way: str) -> None:
    low, second = found
    has(
        low,
        message='warn: stock is low: größe 🛒 {"order":7}',
        level="WARNING",
        severity_number=13,
        severity_text="warn",
        resource={"service.name": service, "app": service, "namespace": "prod"},
        extra={"order": "7"} if way == "json" else {},
    )
    has(second, message="debug: second", level="DEBUG", severity_number=5, extra={})
