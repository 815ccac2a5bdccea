"""What rules may count: logs, spans and traces, which a search narrows down and any of their fields groups."""

from dataclasses import dataclass, replace

from alerting.measuring.figures import COUNTS, TIMED, Columns
from query_api.search.signals import COUNTED_LOGS, LOGS, SPANS, TRACES, Signal


@dataclass(frozen=True)
class Subject:
    """name: of its statements. searched, grouped: the fields that a search has, and those that rows are grouped by."""

    name: str
    searched: Signal
    grouped: Signal
    columns: Columns
    aggregations: tuple[str, ...]


OF_LOGS = Subject("logs", COUNTED_LOGS, LOGS, Columns("count(*)", "log.timestamp"), COUNTS)
OF_SPANS = Subject("spans", SPANS, SPANS, Columns("count(*)", "span.start_time", "span.duration_ms"), TIMED)

_OWN = {name: column for name, column in TRACES.columns.items() if column.of_trace}
# A trace is grouped by what it has itself, also where a search would ask its spans.
_OF_ROOT = {name: _OWN[f"trace.{name}"] for name in ("name", "operation", "service", "status")} | {
    "operation_name": _OWN["trace.operation"],
    "service_name": _OWN["trace.service"],
    "service.name": _OWN["trace.service"],
}
OF_TRACES = Subject(
    "traces",
    TRACES,
    replace(TRACES, row="trace", attributes="trace.tags", columns=_OWN | _OF_ROOT, has_origins=False),
    Columns("count(*)", "trace.start_time", "trace.duration_ms"),
    TIMED,
)

COUNTED_BY_MINUTE = frozenset({"level", "service", "service_name", "service.name"})
"""Fields of logs that are counted as logs come."""
