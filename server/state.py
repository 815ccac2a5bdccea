"""GET /api/server: what runs here, where senders reach it, and how it is for room."""

import os
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel, ConfigDict, Field

from access.guards import needs
from access.principals import Role
from database.queries import load
from query_api.answers import FAILURES
from query_api.snapshot import snapshot
from receiver.disk_guard import free_bytes
from server.access import takes_keys
from server.metrics_sockets import collected
from server.settings import Settings
from server.spool_places import EMBEDDED_VARIABLE

SQL = load(__package__)
ANSWER_SECONDS = 1.0


class Receivers(BaseModel):
    """The receivers beside this process."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(examples=[2], description="Those that answer.")
    silent: int = Field(examples=[0], description="Those that did not answer within a second.")
    storing: bool = Field(examples=[True], description="Whether the database takes data from all that answer.")
    spooled_requests: int = Field(examples=[0], description="On disk, waiting for the database.")
    spool_bytes: int = Field(examples=[0], description="What they take on disk.")
    spooled_seconds: float = Field(examples=[0.0], description="Age of the oldest of them; 0 without any.")
    held_bytes: int = Field(examples=[0], description="Of requests that are not answered yet.")


class ServerState(BaseModel):
    """What runs here."""

    model_config = ConfigDict(extra="forbid")

    version: str = Field(examples=["0.1.0"])
    otlp_grpc_port: int = Field(examples=[4317])
    otlp_http_port: int = Field(examples=[4318])
    takes_keys: bool = Field(examples=[False], description="Whether senders must present a key or the ingest token.")
    retention_days: int = Field(examples=[30], description="That traces and logs are kept.")
    metric_retention_days: int = Field(examples=[30], description="That metric points are kept.")
    database_bytes: int = Field(examples=[52428800])
    free_bytes: int | None = Field(examples=[None], description="On the disk of the embedded PostgreSQL; else null.")
    receivers: Receivers | None = Field(description="Null where none runs beside this process.")


def add(app: FastAPI, settings: Settings, metrics_directory: Path | None) -> None:
    """Adds the route. metrics_directory: where the receivers offer their metrics, or None."""
    router = APIRouter(prefix="/api", tags=["server"], responses=FAILURES, dependencies=[needs(Role.VIEWER)])

    @router.get("/server", response_model=ServerState)
    async def server_state(request: Request) -> ServerState:
        """What runs here, where senders reach it, and how it is for room; as of now."""
        async with snapshot(request) as connection:
            database_bytes = await connection.fetchval(SQL["database_bytes"])
        return ServerState(
            version=version("otelgres"),
            otlp_grpc_port=settings.otlp_grpc_port,
            otlp_http_port=settings.otlp_http_port,
            takes_keys=takes_keys(settings),
            retention_days=settings.retention_days,
            metric_retention_days=settings.metric_retention_days or settings.retention_days,
            database_bytes=database_bytes,
            free_bytes=_free(os.environ),
            receivers=await _receivers(metrics_directory),
        )

    app.include_router(router)


def _free(environment: Mapping[str, str]) -> int | None:
    directory = environment.get(EMBEDDED_VARIABLE)
    return free_bytes(Path(directory)) if directory else None


async def _receivers(directory: Path | None) -> Receivers | None:
    if directory is None:
        return None
    texts, silent = await collected(directory, ANSWER_SECONDS)
    found = [_figures(text) for text in texts.values()]
    return Receivers(
        count=len(found),
        silent=silent,
        storing=all(one.get("otelgres_writer_available", 1) for one in found),
        spooled_requests=_sum(found, "otelgres_spool_requests"),
        spool_bytes=_sum(found, "otelgres_spool_size_bytes"),
        spooled_seconds=max((one.get("otelgres_spool_oldest_age_seconds", 0) for one in found), default=0),
        held_bytes=_sum(found, "otelgres_receiver_held_bytes"),
    )


def _figures(text: str) -> dict[str, float]:
    """Each figure of one receiver by its name; the smallest of several."""
    figures: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            figures[sample.name] = min(sample.value, figures.get(sample.name, sample.value))
    return figures


def _sum(found: Iterable[Mapping[str, float]], name: str) -> int:
    return int(sum(one.get(name, 0) for one in found))
