"""The times of Zipkin's spans: µs since 1970, any of which may be missing."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from receiver.json_values import BadItem, integer, kind_of

_END_OF_TIME_NS = 1 << 64


class Times(NamedTuple):
    """In ns since 1970. end: 0 where it is not known. start_absent: the start is the time of arrival."""

    start: int
    end: int
    start_absent: bool


def of(span: Mapping[str, Any], received_ns: int) -> Times:
    """A span without a start begins with its first annotation, and without that at its arrival. Raises BadItem."""
    told = [nanos(each, "timestamp") for each in annotations(span)]
    own = nanos(span, "timestamp") or min(filter(None, told), default=0)
    start, duration = own or received_ns, nanos(span, "duration")
    if start + duration >= _END_OF_TIME_NS:
        raise BadItem("timestamp and duration must be microseconds that end before 2554")
    return Times(start, start + duration if duration else 0, not own)


def nanos(item: Mapping[str, Any], name: str) -> int:
    """0 where the field is missing or negative, as Zipkin takes it. Raises BadItem for what is no number of µs."""
    value = item.get(name)
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    micros = integer(value)
    if (value is not None and micros is None) or (micros or 0) * 1000 >= _END_OF_TIME_NS:
        raise BadItem(f"{name} must be a number of microseconds since 1970; this is {kind_of(value)}")
    return max(micros or 0, 0) * 1000


def annotations(span: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those that are objects."""
    found = span.get("annotations")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
