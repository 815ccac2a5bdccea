"""Counts the data points of a metrics request, which this version accepts and does not store."""

from opentelemetry.exporter.postgres.wire import read_length, read_varint, skip

from receiver.otlp_json import parse

_RESOURCE_METRICS, _SCOPE_METRICS, _METRIC = 0x0A, 0x12, 0x12
_DATA = frozenset((0x2A, 0x3A, 0x4A, 0x52, 0x5A))
_POINT = 0x0A
_JSON_REQUEST = ("resourceMetrics", "resource_metrics")
_JSON_BELOW = frozenset(
    (
        *("scopeMetrics", "scope_metrics", "metrics"),
        *("gauge", "sum", "histogram", "exponentialHistogram", "exponential_histogram", "summary"),
    )
)
_JSON_POINTS = ("dataPoints", "data_points")


def count_points(body: bytes) -> int:
    """Data points of a protobuf request. Raises DecodeError."""
    points = 0
    pending = [(0, len(body), 0)]
    levels = (frozenset((_RESOURCE_METRICS,)), frozenset((_SCOPE_METRICS,)), frozenset((_METRIC,)), _DATA, {_POINT})
    while pending:
        pos, end, level = pending.pop()
        while pos < end:
            tag, pos = read_varint(body, pos, end)
            if tag not in levels[level]:
                pos = skip(body, pos, end, tag)
                continue
            start, pos = read_length(body, pos, end)
            if level == len(levels) - 1:
                points += 1
            else:
                pending.append((start, pos, level + 1))
    return points


def count_points_json(body: bytes) -> int:
    """Data points of a JSON request. Raises Invalid where it is no JSON object."""
    points = 0
    request = parse(body)
    pending: list[object] = [request.get(key) for key in _JSON_REQUEST]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            pending += [content for key, content in value.items() if key in _JSON_BELOW]
            points += sum(len(found) for key in _JSON_POINTS if isinstance(found := value.get(key), list))
    return points
