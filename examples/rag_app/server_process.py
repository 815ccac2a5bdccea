"""Otelgres as the demo's child: its addresses as the OTELGRES_* variables say, its output on the terminal."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import httpx

from examples.rag_app.processes import Child, running

# The first start makes a database; one after a crash recovers it, however long that takes.
_START_SECONDS = 300
_STOP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server's pages are, and where it takes OTLP over HTTP."""

    pages: str
    otlp: str

    @classmethod
    def from_environment(cls) -> "Address":
        host = os.environ.get("OTELGRES_HOST") or "127.0.0.1"
        host = f"[{host}]" if ":" in host else host
        port = os.environ.get("OTELGRES_PORT") or "8000"
        otlp_port = os.environ.get("OTELGRES_OTLP_HTTP_PORT") or "4318"
        return cls(pages=f"http://{host}:{port}", otlp=f"http://{host}:{otlp_port}")

    def exporter_environment(self) -> dict[str, str]:
        """The standard variables that point an OpenTelemetry SDK here."""
        variables = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.otlp,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        }
        if token := os.environ.get("OTELGRES_INGEST_TOKEN"):
            variables["OTEL_EXPORTER_OTLP_HEADERS"] = f"authorization={quote(f'Bearer {token}')}"
        return variables


@asynccontextmanager
async def otelgres(address: Address) -> AsyncIterator[Child]:
    """Runs `otelgres serve` of the environment that this Python belongs to. Raises StartError."""
    command = [str(Path(sys.executable).with_name("otelgres")), "serve"]
    async with (
        httpx.AsyncClient(base_url=address.pages, timeout=2) as http,
        running(command, lambda: _is_ready(http), start_seconds=_START_SECONDS, stop_seconds=_STOP_SECONDS) as child,
    ):
        yield child


async def _is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/readyz")).is_success
    except httpx.TransportError:
        return False
