"""Export requests of log records as one service's SDK sends them: messages of 200 to 2,000 bytes."""

import random
from struct import pack

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs, SeverityNumber

from benchmarks.ingest.catalogue import SERVICE_NAMES, operations_of
from benchmarks.ingest.origins import integer, resource, scope, text
from benchmarks.ingest.template import Template, hole, hole_time, slices

RECORDS = 512
_SHORTEST, _LONGEST = 200, 2000
_IN_A_TRACE = 0.8
_WINDOW_NS = 10_000_000_000
_SEVERITIES: tuple[tuple[SeverityNumber.ValueType, str], ...] = (
    (SeverityNumber.SEVERITY_NUMBER_DEBUG, "DEBUG"),
    (SeverityNumber.SEVERITY_NUMBER_INFO, "INFO"),
    (SeverityNumber.SEVERITY_NUMBER_WARN, "WARN"),
    (SeverityNumber.SEVERITY_NUMBER_ERROR, "ERROR"),
)
_SHARES = (5, 80, 10, 5)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class LogRequests:
    """Requests of one service. They differ in all ids and times and in a part of every message."""

    def __init__(self, service: int, rng: random.Random) -> None:
        words = ["".join(rng.choices(_LETTERS, k=rng.randint(2, 11))) for _ in range(2000)]
        names, weights = zip(*operations_of(service), strict=True)
        records = [
            _record(number, name, words, rng) for number, name in enumerate(rng.choices(names, weights, k=RECORDS))
        ]
        scopes = [ScopeLogs(scope=scope(), log_records=records)]
        message = ExportLogsServiceRequest(
            resource_logs=[ResourceLogs(resource=resource(SERVICE_NAMES[service]), scope_logs=scopes)]
        )
        self._template = Template(message.SerializeToString())

    def make(self, now_ns: int, rng: random.Random) -> bytes:
        """A request of records from the ten seconds before `now_ns`."""
        times = sorted(now_ns - rng.randrange(_WINDOW_NS) for _ in range(RECORDS))
        return self._template.fill(
            {
                "t": slices(rng.randbytes(16 * RECORDS), 16),
                "s": slices(rng.randbytes(8 * RECORDS), 8),
                "b": [pack("<Q", time) for time in times],
                "o": [pack("<Q", time + 40_000) for time in times],
                "u": slices(rng.randbytes(8 * RECORDS).hex().encode(), 16),
            }
        )


def _record(number: int, name: str, words: list[str], rng: random.Random) -> LogRecord:
    severity, severity_text = rng.choices(_SEVERITIES, _SHARES)[0]
    record = LogRecord(
        time_unix_nano=hole_time("b", number),
        observed_time_unix_nano=hole_time("o", number),
        severity_number=severity,
        severity_text=severity_text,
        body=AnyValue(string_value=_message(number, name, words, rng)),
        attributes=[
            text("code.function.name", f"app.{name}.run"),
            integer("code.line.number", rng.randrange(1, 900)),
            text("thread.name", f"worker-{rng.randrange(16)}"),
            text("server.address", f"node-{rng.randrange(20):02d}.internal.example"),
        ],
    )
    if rng.random() < _IN_A_TRACE:
        record.trace_id = hole("t", number, 16)
        record.span_id = hole("s", number)
        record.flags = 1
    return record


def _message(number: int, name: str, words: list[str], rng: random.Random) -> str:
    """As many bytes as drawn, every order of magnitude as likely as the next."""
    size = round(_SHORTEST * (_LONGEST / _SHORTEST) ** rng.random())
    head = f"{name} request={hole('u', number, 16).decode()} "
    return (head + " ".join(rng.choices(words, k=size // 3)))[:size]
