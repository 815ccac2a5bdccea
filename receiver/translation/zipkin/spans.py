"""Zipkin's spans, version 2, as OTLP, by OpenTelemetry's mapping between the two read backwards.

Each span is an object as Zipkin writes it in JSON. One that cannot be read is refused alone.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from receiver.json_values import BadItem, integer, kind_of
from receiver.otlp_json import Transcoded
from receiver.translation.attributes import Scalar, attributes, clean, scalar
from receiver.translation.ids import id_of
from receiver.translation.zipkin import endpoints, times
from receiver.translation.zipkin.annotations import event
from receiver.translation.zipkin.tags import scope_of, status_of, take_resource

_KINDS = {
    "CLIENT": Span.SPAN_KIND_CLIENT,
    "SERVER": Span.SPAN_KIND_SERVER,
    "PRODUCER": Span.SPAN_KIND_PRODUCER,
    "CONSUMER": Span.SPAN_KIND_CONSUMER,
}
_START_ABSENT = "otel.zipkin.absentField.startTime"
Tags = dict[str, Scalar]


def translated(spans: Iterable[Any], received_ns: int) -> Transcoded:
    """An ExportTraceServiceRequest. received_ns: the time of spans that carry none."""
    groups: dict[tuple[Any, ...], ResourceSpans] = {}
    refusals: list[str] = []
    for index, span in enumerate(spans):
        try:
            if not isinstance(span, dict):
                raise BadItem(f"it must be an object; this is {kind_of(span)}")
            _add(groups, span, received_ns)
        except BadItem as error:
            refusals.append(f"span {index}: {error}")
    return Transcoded(ExportTraceServiceRequest(resource_spans=groups.values()).SerializeToString(), refusals)


def _add(groups: dict[tuple[Any, ...], ResourceSpans], span: dict[str, Any], received_ns: int) -> None:
    tags = _tags(span)
    resource = take_resource(tags)
    service = _object(span, "localEndpoint").get("serviceName")
    if isinstance(service, str) and service:
        resource["service.name"] = clean(service)
    scope = scope_of(tags)
    made = _span(span, tags, received_ns)
    key = (*sorted(resource.items()), scope.name, scope.version)
    group = groups.get(key)
    if group is None:
        origin = Resource(attributes=attributes(resource))
        group = groups[key] = ResourceSpans(resource=origin, scope_spans=[ScopeSpans(scope=scope)])
    group.scope_spans[0].spans.append(made)


def _span(span: dict[str, Any], tags: Tags, received_ns: int) -> Span:
    span_id = id_of(span, "id", 8)
    parent_id = id_of(span, "parentId", 8, required=False)
    start_ns, end_ns, start_absent = times.of(span, received_ns)
    if start_absent:
        tags[_START_ABSENT] = True
    made = Span(
        trace_id=id_of(span, "traceId", 16),
        span_id=span_id,
        parent_span_id=b"" if parent_id == span_id else parent_id,
        name=clean(str(span.get("name") or "")),
        kind=_kind(span.get("kind")),
        start_time_unix_nano=start_ns,
        end_time_unix_nano=end_ns,
        events=[event(each) for each in times.annotations(span)],
        status=status_of(tags),
        dropped_attributes_count=_count(tags, "otel.dropped_attributes_count"),
        dropped_events_count=_count(tags, "otel.dropped_events_count"),
        dropped_links_count=_count(tags, "otel.dropped_links_count"),
    )
    of_network = endpoints.attributes_of(_object(span, "localEndpoint"), _object(span, "remoteEndpoint"))
    marks = {f"zipkin.{name}": True for name in ("shared", "debug") if span.get(name) is True}
    made.attributes.extend(attributes(of_network | marks | tags))
    return made


def _kind(name: Any) -> Span.SpanKind.ValueType:
    """Zipkin has no name for what happens within one process."""
    if not name:
        return Span.SPAN_KIND_INTERNAL
    return _KINDS.get(str(name), Span.SPAN_KIND_UNSPECIFIED)


def _tags(span: Mapping[str, Any]) -> Tags:
    return {name: scalar(value) for name, value in _object(span, "tags").items() if value is not None}


def _count(tags: Tags, name: str) -> int:
    count = integer(tags.pop(name, None)) or 0
    return min(max(count, 0), 0xFFFFFFFF)


def _object(span: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Empty where there is none."""
    value = span.get(name)
    return value if isinstance(value, dict) else {}
