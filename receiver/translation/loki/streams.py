"""Loki's streams of log lines as OTLP.

A stream's labels become its resource, written once: they say where lines come from. What a line has of its own becomes
its attributes. Each stream is an object as Loki's JSON has it; what cannot be read is refused alone.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ScopeLogs, SeverityNumber
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from receiver.json_values import BadItem, integer, kind_of
from receiver.otlp_json import Transcoded
from receiver.translation.attributes import attributes, clean
from receiver.translation.ids import take_id
from receiver.translation.loki.labels import labels_of
from receiver.translation.loki.levels import Severity, take_severity

SERVICE_NAMES = (
    "service_name",
    "service",
    "app",
    "application",
    "app_name",
    "name",
    "app_kubernetes_io_name",
    "container",
    "container_name",
    "k8s_container_name",
    "component",
    "workload",
    "job",
    "k8s_job_name",
)
"""Labels that name the service, the first one there is: those that Loki looks for, in its order."""
_LOGGER_NAMES = ("logger", "logger_name")
_TRACE_IDS, _SPAN_IDS = ("trace_id", "traceid"), ("span_id", "spanid")


class _Shared(NamedTuple):
    """What the labels say of each line."""

    severity: Severity
    trace_id: bytes
    span_id: bytes


def translated(streams: Iterable[Any]) -> Transcoded:
    """An ExportLogsServiceRequest."""
    request = ExportLogsServiceRequest()
    refusals: list[str] = []
    for number, stream in enumerate(streams):
        place = f"stream {number}"
        try:
            labels, values = _parts(stream)
        except BadItem as error:
            refusals += [f"{place}: {error}"] * _lines_of(stream)
            continue
        scope, shared = _opened(request, labels)
        for index, value in enumerate(values):
            try:
                scope.log_records.append(_record(value, shared))
            except BadItem as error:
                refusals.append(f"{place}, entry {index}: {error}")
    return Transcoded(request.SerializeToString(), refusals)


def _parts(stream: Any) -> tuple[dict[str, Any], list[Any]]:
    """A copy of the labels, and the entries."""
    if not isinstance(stream, dict):
        raise BadItem(f"it must be an object; this is {kind_of(stream)}")
    labels, values = stream.get("stream"), stream.get("values")
    if isinstance(labels, str):
        labels = labels_of(labels)
    if not isinstance(labels, dict):
        raise BadItem("its labels must be an object `stream`")
    if not isinstance(values, list):
        raise BadItem("its entries must be a list `values`")
    return dict(labels), values


def _lines_of(stream: Any) -> int:
    """How many are lost with the stream."""
    values = stream.get("values") if isinstance(stream, dict) else None
    return max(len(values), 1) if isinstance(values, list) else 1


def _opened(request: ExportLogsServiceRequest, labels: dict[str, Any]) -> tuple[ScopeLogs, _Shared]:
    severity = take_severity(labels) or Severity()
    shared = _Shared(severity, take_id(labels, _TRACE_IDS, 16), take_id(labels, _SPAN_IDS, 8))
    service = _first(labels, SERVICE_NAMES)
    named = {} if service is None else {"service.name": labels[service]}
    labels.pop("service_name", None)
    logger = _first(labels, _LOGGER_NAMES)
    scope = ScopeLogs() if logger is None else ScopeLogs(scope=InstrumentationScope(name=clean(labels.pop(logger))))
    group = request.resource_logs.add(resource=Resource(attributes=attributes(named | labels)), scope_logs=[scope])
    return group.scope_logs[0], shared


def _first(labels: dict[str, Any], names: Iterable[str]) -> str | None:
    return next((name for name in names if isinstance(labels.get(name), str) and labels[name]), None)


def _record(value: Any, shared: _Shared) -> LogRecord:
    if not isinstance(value, list) or not 2 <= len(value) <= 3:
        raise BadItem("it must be [timestamp, line] or [timestamp, line, structured metadata]")
    time_ns, line = integer(value[0]), value[1]
    if time_ns is None or not 0 <= time_ns < 1 << 64:
        raise BadItem(f"its timestamp must be nanoseconds since 1970; this is {kind_of(value[0])}")
    if not isinstance(line, str):
        raise BadItem(f"its line must be text; this is {kind_of(line)}")
    metadata = value[2] if len(value) == 3 else None
    if metadata is not None and not isinstance(metadata, dict):
        raise BadItem(f"its structured metadata must be an object; this is {kind_of(metadata)}")
    own = dict(metadata or {})
    severity = take_severity(own) or shared.severity
    return LogRecord(
        time_unix_nano=time_ns,
        severity_number=SeverityNumber.ValueType(severity.number),
        severity_text=clean(severity.text),
        body=AnyValue(string_value=clean(line)),
        trace_id=take_id(own, _TRACE_IDS, 16) or shared.trace_id,
        span_id=take_id(own, _SPAN_IDS, 8) or shared.span_id,
        attributes=attributes(own),
    )
