"""Senders of raw OTLP requests, without an SDK between."""

import httpx

from tests.otelgres_process import OtelgresProcess

PROTOBUF = {"content-type": "application/x-protobuf"}


def post(process: OtelgresProcess, signal: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
    """POST to /v1/<signal>; protobuf unless the headers say otherwise."""
    return httpx.post(
        f"{process.otlp_http_url}/v1/{signal}", content=body, headers=PROTOBUF | (headers or {}), timeout=30
    )
