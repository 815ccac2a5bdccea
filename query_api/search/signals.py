"""Which fields spans, traces and logs have, by every name they go by. All other names are attributes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from query_api.search import values
from query_api.search.kinds import Choice, Kind, Part, Scalar, Text, Words
from query_api.search.templates import Template

TEXT = Text()
HEX = Text(str.lower)
NUMBER = Scalar(values.number, "numeric", "a number")
DURATION = Scalar(values.duration_ms, "float8", "a duration like 250ms or 1.5s (ns, us, ms, s, m, h)")
TIME = Scalar(values.time, "timestamptz", "a time like 2026-11-23T09:30:00Z or now-15m")
TRUTH = Scalar(values.truth, "boolean", "true or false", ordered=False)
UUID = Scalar(values.uuid, "uuid", "a uuid", ordered=False)
MESSAGE = Words("enterprise.message_words(log.message)", "enterprise.message_patterns")
PATTERN = Template("enterprise.message_words(log.message)")
LEVEL = Choice(
    {
        "debug": "DEBUG",
        "info": "INFO",
        "warning": "WARNING",
        "warn": "WARNING",
        "error": "ERROR",
        "critical": "CRITICAL",
        "fatal": "CRITICAL",
    },
    "text",
    ordered=True,
)
STATUS = Choice({name: name for name in ("in_progress", "completed", "error")}, "text")
KIND = Choice(
    {name: code for code, name in enumerate(("unspecified", "internal", "server", "client", "producer", "consumer"))},
    "smallint",
)

METRIC_TYPE = Choice(
    {name: name for name in ("gauge", "sum", "histogram", "exponential_histogram", "summary")},
    "text",
)


@dataclass(frozen=True)
class Column:
    """An expression of SQL and the kind of its values. of_trace: it is one of enterprise.traces."""

    expression: str
    kind: Kind
    of_trace: bool = False


@dataclass(frozen=True)
class Signal:
    """What can be sought in rows of one kind.

    row: the alias that statements give them. attributes: their own, a jsonb expression. words: what words without a
    field are sought in. lifted: attributes that the writer may have moved into a column, with the column's field.
    has_origins: whether rows have a resource and a scope.
    """

    row: str
    attributes: str
    words: Column
    columns: dict[str, Column]
    lifted: Mapping[str, str] = field(default_factory=dict)
    has_origins: bool = True


def _named(columns: Mapping[str, Column]) -> dict[str, Column]:
    return {name: column for names, column in columns.items() for name in names.split()}


LOGS = Signal(
    row="log",
    attributes="log.extra",
    words=Column("log.message", MESSAGE),
    columns=_named(
        {
            "id": Column("log.id", UUID),
            "timestamp": Column("log.timestamp", TIME),
            "observed_time": Column("log.observed_time", TIME),
            "level": Column("log.level", LEVEL),
            "severity_number": Column("log.severity_number", NUMBER),
            "severity_text": Column("log.severity_text", TEXT),
            "service service_name service.name": Column("log.service_name", TEXT),
            "logger logger_name": Column("log.logger_name", TEXT),
            "message": Column("log.message", MESSAGE),
            "pattern": Column("log.message", PATTERN),
            "event_name": Column("log.event_name", TEXT),
            "trace_id": Column("log.trace_id", HEX),
            "span_id": Column("log.span_id", HEX),
            "user_email": Column("log.user_email", TEXT),
            "department": Column("log.department", TEXT),
            "session_id": Column("log.session_id", TEXT),
            "endpoint": Column("log.endpoint", TEXT),
            "exception_type": Column("log.exception_type", TEXT),
            "exception_message": Column("log.exception_message", Part()),
        }
    ),
    lifted={
        "user.email": "user_email",
        "enduser.id": "user_email",
        "user.id": "user_email",
        "user.name": "user_email",
        "user.department": "department",
        "enduser.department": "department",
        "session.id": "session_id",
        "gen_ai.conversation.id": "session_id",
        "http.route": "endpoint",
        "url.template": "endpoint",
        "url.path": "endpoint",
        "http.target": "endpoint",
        "exception.type": "exception_type",
        "exception.message": "exception_message",
    },
)

# Where all rows that match are read, the index on words gains little, and to make the words of each would cost much.
COUNTED_LOGS = replace(LOGS, columns=LOGS.columns | {"pattern": Column("log.message", Template())})

SPANS = Signal(
    row="span",
    attributes="span.tags",
    words=Column("span.operation_name", Part()),
    columns=_named(
        {
            "trace_id": Column("span.trace_id", HEX),
            "span_id": Column("span.span_id", HEX),
            "parent_span_id": Column("span.parent_span_id", HEX),
            "name operation operation_name": Column("span.operation_name", TEXT),
            "service service_name service.name": Column("span.service_name", TEXT),
            "start_time timestamp": Column("span.start_time", TIME),
            "end_time": Column("span.end_time", TIME),
            "duration duration_ms": Column("span.duration_ms", DURATION),
            "status": Column("span.status", STATUS),
            "error_message": Column("span.error_message", Part()),
            "kind": Column("span.kind", KIND),
        }
    ),
)

# Names that begin with metric., since attributes are called type and name too.
METRICS = Signal(
    row="series",
    attributes="series.attributes",
    words=Column("series.name", Part()),
    columns=_named(
        {
            "service service_name service.name": Column("series.service_name", TEXT),
            "metric.name": Column("series.name", TEXT),
            "metric.type": Column("series.type", METRIC_TYPE),
            "metric.unit": Column("series.unit", TEXT),
        }
    ),
)

# A trace is found by one of its spans; what only the trace has, or is asked for as trace.…, is the trace's.
TRACES = Signal(
    row=SPANS.row,
    attributes=SPANS.attributes,
    words=SPANS.words,
    columns=SPANS.columns
    | _named(
        {
            "trace_id": Column("trace.trace_id", HEX, of_trace=True),
            "trace.name trace.operation": Column("trace.operation_name", TEXT, of_trace=True),
            "trace.service": Column("trace.service_name", TEXT, of_trace=True),
            "trace.start_time": Column("trace.start_time", TIME, of_trace=True),
            "trace.end_time": Column("trace.end_time", TIME, of_trace=True),
            "trace.duration": Column("trace.duration_ms", DURATION, of_trace=True),
            "trace.status": Column("trace.status", STATUS, of_trace=True),
            "trace.error_message": Column("trace.error_message", Part(), of_trace=True),
            "entry_point": Column("trace.entry_point", TEXT, of_trace=True),
            "endpoint": Column("trace.endpoint", TEXT, of_trace=True),
            "method": Column("trace.method", TEXT, of_trace=True),
            "user_email": Column("trace.user_email", TEXT, of_trace=True),
            "department": Column("trace.department", TEXT, of_trace=True),
            "session_id": Column("trace.session_id", TEXT, of_trace=True),
            "span_count": Column("trace.span_count", NUMBER, of_trace=True),
            "error_count": Column("trace.error_count", NUMBER, of_trace=True),
            "root_missing": Column("trace.root_missing", TRUTH, of_trace=True),
        }
    ),
)
