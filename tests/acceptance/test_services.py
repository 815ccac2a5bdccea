"""Spans over OTLP, and the services and the map that the API tells of them."""

import os
import time
from collections.abc import Callable

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.otelgres_process import OtelgresProcess
from tests.payloads import attribute
from tests.senders import post

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
MS = 1_000_000


def message(service: str, *spans: dict[str, object], **attributes: object) -> bytes:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.append(attribute("service.name", service))
    scope = group.scope_spans.add()
    for fields in spans:
        start = time.time_ns()
        span = scope.spans.add(start_time_unix_nano=start, end_time_unix_nano=start + 20 * MS, **fields)
        span.attributes.extend(attribute(key, value) for key, value in attributes.items())
    return request.SerializeToString()


def test_services_are_told_at_once_and_their_map_within_half_a_minute(
    server: Callable[..., OtelgresProcess],
) -> None:
    """The called come before the callers, by different requests; a message is joined by its link."""
    process = server(OTELGRES_WORKERS="2")
    trace, other, page, call, handle, send = (os.urandom(16), os.urandom(16), *(os.urandom(8) for _ in range(4)))
    ids = {"trace_id": trace}
    receive = ExportTraceServiceRequest.FromString(
        message("mailer", {"trace_id": other, "span_id": os.urandom(8), "kind": CONSUMER, "name": "process"})
    )
    receive.resource_spans[0].scope_spans[0].spans[0].links.add(trace_id=trace, span_id=send)
    cart = {"span_id": handle, "parent_span_id": call, "kind": SERVER, "name": "GET /cart"}
    web = [
        {"span_id": page, "kind": SERVER, "name": "GET /"},
        {"span_id": call, "parent_span_id": page, "kind": CLIENT, "name": "GET"},
    ]
    query = {"span_id": os.urandom(8), "parent_span_id": handle, "kind": CLIENT, "name": "SELECT"}
    bodies = [
        receive.SerializeToString(),
        message("cart", ids | cart),
        message("cart", ids | query, **{"db.system.name": "postgresql", "db.namespace": "carts"}),
        message("web", *[ids | span for span in web], **{"server.address": "cart.local"}),
        message("web", ids | {"span_id": send, "parent_span_id": page, "kind": PRODUCER, "name": "send"}),
    ]
    for body in bodies:
        assert post(process, "traces", body).status_code == 200
    sent = time.monotonic()
    api = f"{process.url}/api/observability/services"
    listed = httpx.get(api).json()["services"]
    assert {service["service_name"]: service["spans"] for service in listed} == {"cart": 1, "mailer": 1, "web": 1}
    expected = {
        ("client_server", "service:web", "service:cart"),
        ("database", "service:cart", "database:postgresql:carts"),
        ("producer_consumer", "service:web", "service:mailer"),
    }
    found: set[tuple[str, str, str]] = set()
    while found != expected:
        assert time.monotonic() < sent + 60, found
        time.sleep(0.5)
        edges = httpx.get(f"{api}/map").json()["edges"]
        found = {(edge["kind"], edge["source"], edge["target"]) for edge in edges}
    print(f"the map was there after {time.monotonic() - sent:.1f} s")
