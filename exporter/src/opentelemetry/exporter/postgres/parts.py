"""What spans add up to: parts of traces, and counts of operations."""

LAST_KEY = b"\xff" * 16
"""A key that any other one precedes."""


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
    least key is the trace's. Almost every part is of one service, so others have a set only where there are any.
    """

    __slots__ = (
        "department",
        "department_key",
        "entry",
        "entry_key",
        "entry_rank",
        "errors",
        "latest_end",
        "latest_start",
        "method",
        "method_key",
        "other_services",
        "row_id",
        "service",
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
        self.entry_rank = int.from_bytes(entry_key[:8])
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
        self.service = entry.service
        self.other_services: set[str] | None = None

    def add_service(self, service: str) -> None:
        if service != self.service:
            if self.other_services is None:
                self.other_services = set()
            self.other_services.add(service)

    @property
    def services(self) -> set[str]:
        """All of them."""
        return {self.service, *(self.other_services or ())}

    def copy(self) -> "TracePart":
        part = TracePart(self.row_id, self.entry_key, self.entry, self.start)
        part.merge(self)
        return part

    def merge(self, other: "TracePart") -> None:
        """Takes over what `other` knows better."""
        if other.entry_key < self.entry_key:
            self.entry_key, self.entry_rank = other.entry_key, other.entry_rank
            self.entry, self.row_id = other.entry, other.row_id
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
        for service in other.services:
            self.add_service(service)


class OperationDelta:
    """Spans of one operation within a minute: a duration bucket each, their errors and the sum of their durations."""

    __slots__ = ("buckets", "duration_ns", "errors")

    def __init__(self) -> None:
        self.buckets: list[int] = []
        self.errors = 0
        self.duration_ns = 0

    def add(self, other: "OperationDelta") -> None:
        self.buckets += other.buckets
        self.errors += other.errors
        self.duration_ns += other.duration_ns
