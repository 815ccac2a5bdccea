"""What one OTLP request becomes: rows ready for COPY, and all that must be written beside them."""

from dataclasses import dataclass, field
from enum import IntEnum

MAX_REASONS = 5


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
    service_bytes: bytes


@dataclass(slots=True)
class Scope:
    """The instrumentation scope. `id` is a hash of the content; `attributes` is JSON text."""

    id: int
    name: str
    version: str
    attributes: bytes
    schema_url: str | None
    dropped_attributes_count: int


class EntrySpan:
    """The span that names its trace: the root, else the earliest one seen."""

    __slots__ = (
        "exception",
        "facts",
        "kind",
        "name",
        "root",
        "service",
        "span_id",
        "state",
        "status_message",
        "tags",
    )

    def __init__(
        self,
        root: bool,
        span_id: bytes,
        name: str,
        kind: int,
        service: str,
        state: str,
        facts: dict[str, object] | None,
        status_message: str | None,
        exception: str | None,
        tags: bytes,
    ) -> None:
        self.root = root
        self.span_id = span_id
        self.name = name
        self.kind = kind
        self.service = service
        self.state = state
        self.facts = facts
        self.status_message = status_message
        self.exception = exception
        self.tags = tags


class TracePart:
    """What some spans of one trace say about it. Parts merge in any order into the same trace.

    A key is 16 bytes: a bit that is clear for a root, 63 bits of start time in ns, the span id. The value with the
    least key is the trace's.
    """

    __slots__ = (
        "department",
        "department_key",
        "entry",
        "entry_key",
        "errors",
        "latest_end",
        "latest_start",
        "method",
        "method_key",
        "row_id",
        "services",
        "session",
        "session_key",
        "spans",
        "start",
        "user",
        "user_key",
    )

    def __init__(self, row_id: bytes, entry_key: bytes, entry: EntrySpan, start: int) -> None:
        self.row_id = row_id
        self.entry_key = entry_key
        self.entry = entry
        self.method_key = self.session_key = self.user_key = self.department_key = LAST_KEY
        self.method: str | None = None
        self.session: str | None = None
        self.user: str | None = None
        self.department: str | None = None
        self.start = self.latest_start = start
        self.latest_end: int | None = None
        self.spans = 0
        self.errors = 0
        self.services: set[str] = set()

    def copy(self) -> "TracePart":
        part = TracePart(self.row_id, self.entry_key, self.entry, self.start)
        part.merge(self)
        return part

    def merge(self, other: "TracePart") -> None:
        """Takes over what `other` knows better."""
        if other.entry_key < self.entry_key:
            self.entry_key, self.entry, self.row_id = other.entry_key, other.entry, other.row_id
        if other.method_key < self.method_key:
            self.method_key, self.method = other.method_key, other.method
        if other.session_key < self.session_key:
            self.session_key, self.session = other.session_key, other.session
        if other.user_key < self.user_key:
            self.user_key, self.user = other.user_key, other.user
        if other.department_key < self.department_key:
            self.department_key, self.department = other.department_key, other.department
        self.start = min(self.start, other.start)
        self.latest_start = max(self.latest_start, other.latest_start)
        if other.latest_end is not None and (self.latest_end is None or other.latest_end > self.latest_end):
            self.latest_end = other.latest_end
        self.spans += other.spans
        self.errors += other.errors
        self.services |= other.services


LAST_KEY = b"\xff" * 16


@dataclass(slots=True)
class NewestLog:
    """The newest record of a batch, for the announcement on channel new_log. `timestamp` is in µs since 1970."""

    id: bytes
    timestamp: int
    level: str
    logger_name: str
    message: str
    trace_id: str | None


@dataclass(slots=True)
class OperationDelta:
    """Spans of one operation within a minute: a duration bucket each, their errors and the sum of their durations."""

    buckets: list[int] = field(default_factory=list)
    errors: int = 0
    duration_ns: int = 0

    def add(self, other: "OperationDelta") -> None:
        self.buckets += other.buckets
        self.errors += other.errors
        self.duration_ns += other.duration_ns


@dataclass(slots=True)
class Batch:
    """One decoded request.

    rows: COPY rows without their last two columns (writer, batch), which only the transaction knows.
    times: the partition time of each row, in µs since 1970.
    """

    signal: Signal
    items: int = 0
    rejected: int = 0
    altered: int = 0
    timed: bool = False
    reasons: list[str] = field(default_factory=list)
    rows: list[bytes] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    resources: dict[int, Resource] = field(default_factory=dict)
    scopes: dict[int, Scope] = field(default_factory=dict)
    traces: dict[bytes, TracePart] = field(default_factory=dict)
    operations: dict[int, tuple[str, str, int]] = field(default_factory=dict)
    operation_deltas: dict[tuple[int, int], OperationDelta] = field(default_factory=dict)
    log_deltas: dict[tuple[int, str, str], int] = field(default_factory=dict)
    newest_log: NewestLog | None = None

    def reject(self, reason: str, items: int = 1) -> None:
        """Counts items that will not be stored, and keeps the first reasons for the sender."""
        self.rejected += items
        if len(self.reasons) < MAX_REASONS:
            self.reasons.append(reason)

    @property
    def message(self) -> str | None:
        """What the sender is told, or None when there is nothing to say."""
        if not self.reasons:
            return None
        more = self.rejected - len(self.reasons)
        text = "; ".join(self.reasons) + (f"; and {more} more" if more > 0 else "")
        return text[:4000]
