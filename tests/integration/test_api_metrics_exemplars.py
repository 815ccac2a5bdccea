"""GET /metrics/exemplars: observations that lead to traces."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

from query_api.metrics.models import MetricExemplars
from tests import payloads
from tests.conftest import copied
from tests.metered import Metered
from tests.otelgres_process import OtelgresProcess
from tests.senders import post
from tests.served_api import sql

EXEMPLARS = "/api/observability/metrics/exemplars"
NOW = datetime.now(UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def listed(client: httpx.Client, **parameters: str) -> dict[str, Any]:
    answer = client.get(EXEMPLARS, params=parameters)
    assert answer.status_code == 200, answer.text
    MetricExemplars.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def exemplar(age: int, value: object, trace: str | None = "ab" * 16) -> dict[str, object]:
    found = {"timestamp": (NOW - age * MINUTE).isoformat(), "value": value, "attributes": {"user.id": "7"}}
    return found | ({"trace_id": trace, "span_id": "cd" * 8} if trace else {})


def test_the_newest_that_have_a_trace_come_first_and_once(client: httpx.Client, database: str) -> None:
    metered = Metered(database)
    fast = metered.series("calls", "histogram", "delta", attributes={"route": "/fast"})
    slow = metered.series("calls", "sum", "delta", True, attributes={"route": "/slow"}, service="other")
    metered.add(fast, [{"time": NOW - 9 * MINUTE, "exemplars": [exemplar(9, 1.5), exemplar(8, 2, None)]}])
    metered.add(fast, [{"time": NOW - 5 * MINUTE, "exemplars": [exemplar(9, 1.5), exemplar(6, "NaN", "ef" * 16)]}])
    metered.add(fast, [{"time": NOW - 4 * MINUTE}])
    metered.add(slow, [{"time": NOW - 3 * MINUTE, "exemplars": [exemplar(7, 30)]}])
    sql(
        database,
        "INSERT INTO enterprise.traces (trace_id, entry_point, start_time) VALUES ($1, 'http', $2)",
        "ab" * 16,
        NOW,
    )
    body = listed(client, name="calls")
    assert [(found["value"], found["stored"], found["labels"]["route"]) for found in body["exemplars"]] == [
        (None, False, "/fast"),
        (30, True, "/slow"),
        (1.5, True, "/fast"),
    ]
    first = body["exemplars"][0]
    assert (first["trace_id"], first["span_id"]) == ("ef" * 16, "cd" * 8)
    assert datetime.fromisoformat(first["time"]) == NOW - 6 * MINUTE
    assert (first["attributes"], first["service_name"]) == ({"user.id": "7"}, "shop")
    assert body["cut"] is False
    body = listed(client, name="calls", limit="1")
    assert (len(body["exemplars"]), body["cut"]) == (1, True)
    assert [found["value"] for found in listed(client, name="calls", q="service:other")["exemplars"]] == [30]
    early = listed(client, name="calls", **{"from": "now-1h", "to": (NOW - 8 * MINUTE).isoformat()})
    assert [found["value"] for found in early["exemplars"]] == [1.5]
    assert listed(client, name="other")["exemplars"] == []
    assert client.get(EXEMPLARS, params={"name": "calls", "limit": "0"}).status_code == 422


def test_what_came_by_otlp_is_read_at_once_and_its_exemplar_leads_to_its_trace(
    server: Callable[..., OtelgresProcess],
) -> None:
    process = server()
    trace, span = os.urandom(16), os.urandom(8)
    now = time.time_ns()
    metrics = ExportMetricsServiceRequest()
    group = metrics.resource_metrics.add()
    group.resource.attributes.append(payloads.attribute("service.name", "shop"))
    metric = group.scope_metrics.add().metrics.add(name="latency", unit="s")
    metric.histogram.aggregation_temporality = 2
    point = metric.histogram.data_points.add(time_unix_nano=now, start_time_unix_nano=now - 10**9, count=1, sum=0.3)
    point.explicit_bounds.append(1.0)
    point.bucket_counts.extend([1, 0])
    point.exemplars.add(time_unix_nano=now, as_double=0.3, trace_id=trace, span_id=span)
    spans = payloads.spans(1)
    spans.resource_spans[0].scope_spans[0].spans[0].trace_id = trace
    for signal, request in (("metrics", metrics), ("traces", spans)):
        assert post(process, signal, request.SerializeToString()).status_code == 200
    with httpx.Client(base_url=process.url) as client:
        [found] = listed(client, name="latency")["exemplars"]
        assert (found["trace_id"], found["span_id"], found["value"]) == (trace.hex(), span.hex(), 0.3)
        assert found["stored"] is True
        assert client.get(f"/api/observability/traces/{found['trace_id']}").status_code == 200
        parameters = {"name": "latency", "aggregation": "p50", "by": "service", "hours": "1"}
        [group] = client.get("/api/observability/metrics/query", params=parameters).json()["groups"]
        assert group["labels"] == {"service": "shop"}
        values, high = ([value for value in group[key] if value is not None] for key in ("values", "high"))
        assert (values, high) == ([0.5], [1.0])
        [metric] = client.get("/api/observability/metrics/catalogue", params={"q": "latency"}).json()["metrics"]
        assert (metric["name"], metric["type"], metric["temporality"]) == ("latency", "histogram", "cumulative")
