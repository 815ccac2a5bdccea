"""GET /api/server: what runs here, where senders reach it, and how it is for room."""

from collections.abc import Callable

import httpx
from pydantic import SecretStr

from server.settings import Settings
from tests.otelgres_process import OtelgresProcess
from tests.served_api import served_api


def test_ports_keys_and_retention_are_those_of_the_settings(database: str) -> None:
    settings = Settings(
        otlp_grpc_port=14317, otlp_http_port=14318, ingest_token=SecretStr("x" * 16), metric_retention_days=7
    )
    with served_api(database, settings) as client:
        answer = client.get("/api/server")
        state = answer.json()
    assert {name: state[name] for name in ("otlp_grpc_port", "otlp_http_port", "takes_keys")} == {
        "otlp_grpc_port": 14317,
        "otlp_http_port": 14318,
        "takes_keys": True,
    }
    assert (state["retention_days"], state["metric_retention_days"]) == (30, 7)
    assert state["database_bytes"] > 1_000_000
    # No receiver runs beside it, and the database is not the embedded one.
    assert (state["receivers"], state["free_bytes"]) == (None, None)
    assert "x" * 16 not in answer.text


def test_the_receivers_beside_it_are_counted(server: Callable[..., OtelgresProcess]) -> None:
    otelgres = server(OTELGRES_WORKERS="2")
    receivers = httpx.get(f"{otelgres.url}/api/server").json()["receivers"]
    assert (receivers["count"], receivers["silent"], receivers["storing"]) == (2, 0, True)
    assert (receivers["spooled_requests"], receivers["spooled_seconds"]) == (0, 0)
