"""What one OTLP request becomes: rows ready for COPY, and all that must be written beside them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import compress

from opentelemetry.exporter.postgres.parts import OperationDelta, TracePart

MAX_REASONS = 5
SERIES_OF_ROW = slice(6, 14)
"""Where a row of a metric point holds the id of its series: eight bytes, most significant first."""


class Signal(IntEnum):
    """The kinds of telemetry; the numbers are those of enterprise.ingest_batches.signal."""

    TRACES = 1
    LOGS = 2
    METRICS = 3


class InvalidRequest(ValueError):
    """The request can never be stored; its sender MUST NOT send it again."""


@dataclass(slots=True)
class Resource:
    """The source of telemetry. `id` is a hash of the content; `attributes` is JSON text."""

    id: int
    service_name: str
    attributes: bytes
    schema_url: str | None
    dropped_attributes_count: int
    entity_refs: bytes | None
    facts: dict[str, object]
    copy_service: bytes


@dataclass(slots=True)
class Scope:
    """The instrumentation scope. `id` is a hash of the content; `attributes` is JSON text."""

    id: int
    name: str
    version: str
    attributes: bytes
    schema_url: str | None
    dropped_attributes_count: int


@dataclass(slots=True)
class Series:
    """A metric's series. `id` is a hash of what identifies it; `version` is one of all its fields.

    `attributes` and `metadata` are JSON text; `copy_id` is the id as a COPY column.
    """

    id: int
    version: int
    service_name: str
    name: str
    type: str
    unit: str
    temporality: str | None
    monotonic: bool | None
    attributes: bytes
    description: str | None
    metadata: bytes | None
    resource_id: int
    scope_id: int
    copy_id: bytes


@dataclass(slots=True)
class NewestLog:
    """The newest record of a batch, for the announcement on channel new_log. `timestamp` is in µs since 1970."""

    id: bytes
    timestamp: int
    level: str
    logger_name: str
    message: str
    trace_id: str | None


class Batch:
    """One decoded request.

    items: of metrics, their points.
    rows: COPY rows without their last two columns (writer, batch), which only the transaction knows.
    times: the partition time of each row, in µs since 1970.
    timed: whether an item carries a time of its own.
    services: the names of all resources, also of those whose ids are equal.
    altered: how many values could not be stored as they came, by what was done to them.
    """

    __slots__ = (
        "altered",
        "bounds",
        "items",
        "log_deltas",
        "newest_log",
        "operation_deltas",
        "operations",
        "reasons",
        "rejected",
        "resources",
        "rows",
        "scopes",
        "series",
        "services",
        "signal",
        "timed",
        "times",
        "traces",
    )

    def __init__(self, signal: Signal) -> None:
        self.signal = signal
        self.items = 0
        self.rejected = 0
        self.timed = False
        self.altered: dict[str, int] = {}
        self.reasons: list[str] = []
        self.rows: list[bytes] = []
        self.times: list[int] = []
        self.resources: dict[int, Resource] = {}
        self.services: set[str] = set()
        self.scopes: dict[int, Scope] = {}
        self.traces: dict[bytes, TracePart] = {}
        self.operations: dict[int, tuple[str, str, int]] = {}
        self.operation_deltas: dict[tuple[int, int], OperationDelta] = {}
        self.log_deltas: dict[tuple[int, str, str], int] = {}
        self.newest_log: NewestLog | None = None
        self.series: dict[int, Series] = {}
        self.bounds: dict[int, tuple[float, ...]] = {}

    def reject(self, reason: str, items: int = 1) -> None:
        """Counts items that will not be stored, and keeps the first reasons for the sender."""
        self.rejected += items
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append(reason)

    def add_origin(self, resource: Resource, scope: Scope) -> None:
        """What rows of this batch refer to."""
        self.resources[resource.id] = resource
        self.services.add(resource.service_name)
        self.scopes[scope.id] = scope

    def without_series(self, refused: Mapping[int, str], reason: Callable[[str], str]) -> "Batch":
        """A copy that lacks the points of some series and counts them as rejected.

        refused: services by series id. The reasons come first."""
        rest = Batch(self.signal)
        for name in self.__slots__:
            setattr(rest, name, getattr(self, name))
        rest.series = {id: series for id, series in self.series.items() if id not in refused}
        services = sorted({refused[id] for id in self.series.keys() & refused.keys()})
        rest.reasons = [*map(reason, services), *self.reasons][:MAX_REASONS]
        kept = [int.from_bytes(row[SERIES_OF_ROW], signed=True) in rest.series for row in self.rows]
        rest.rows = list(compress(self.rows, kept))
        rest.times = list(compress(self.times, kept))
        rest.rejected += len(self.rows) - len(rest.rows)
        return rest

    @property
    def message(self) -> str | None:
        """What the sender is told, or None when there is nothing to say."""
        if not self.reasons:
            return None
        more = self.rejected - len(self.reasons)
        text = "; ".join(self.reasons) + (f"; and {more} more" if more > 0 else "")
        return text[:4000]
