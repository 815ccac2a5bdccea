"""Reads rows in binary COPY format back into Python values."""

import json
import struct
from collections.abc import Sequence
from typing import Any

from opentelemetry.exporter.postgres import logs, metrics, spans

JSONB = frozenset(("tags", "logs", "links", "extra", "body", "exemplars"))
FLOATS = frozenset(("duration_ms", "value", "sum", "min", "max", "zero_threshold"))
ARRAYS = {
    **dict.fromkeys(("bucket_counts", "positive_counts", "negative_counts"), (20, "q")),
    **dict.fromkeys(("quantiles", "quantile_values"), (701, "d")),
}
TIMES = frozenset(("start_time", "end_time", "timestamp", "observed_time", "time"))
TEXTS = frozenset(
    (
        "trace_id", "span_id", "parent_span_id", "status", "error_message", "status_message", "trace_state",
        "operation_name", "service_name", "level", "message", "user_email", "department", "session_id", "endpoint",
        "exception_type", "exception_message", "exception_traceback", "severity_text", "event_name", "logger_name",
    )
)  # fmt: skip
LAST = ("writer", "batch")


def read_row(row: bytes, columns: Sequence[str]) -> dict[str, Any]:
    """A row without its writer and batch; times in µs since 1970, ids as bytes, jsonb as Python objects."""
    (count,) = struct.unpack_from(">h", row)
    assert count == len(columns)
    pos = 2
    values: dict[str, Any] = {}
    for name in columns:
        if name in LAST:
            continue
        (length,) = struct.unpack_from(">i", row, pos)
        pos += 4
        raw = None if length < 0 else row[pos : pos + length]
        pos += max(length, 0)
        values[name] = _value(name, raw)
    assert pos == len(row)
    return values


def _value(name: str, raw: bytes | None) -> Any:
    if raw is None or name == "id":
        return raw
    if name in TEXTS:
        return raw.decode()
    if name in JSONB:
        assert raw[0] == 1
        return json.loads(raw[1:])
    if name in FLOATS:
        return struct.unpack(">d", raw)[0]
    if name in ARRAYS:
        return _array(raw, *ARRAYS[name])
    number = int.from_bytes(raw, signed=True)
    return number + 946_684_800_000_000 if name in TIMES else number


def _array(raw: bytes, element: int, form: str) -> list[Any]:
    dimensions, _, found = struct.unpack_from(">iiI", raw)
    assert found == element
    if not dimensions:
        return []
    count, lower = struct.unpack_from(">ii", raw, 12)
    assert (dimensions, lower, len(raw)) == (1, 1, 20 + 12 * count)
    values = struct.unpack_from(">" + f"i{form}" * count, raw, 20)
    assert set(values[::2]) <= {8}
    return list(values[1::2])


def span_rows(rows: Sequence[bytes]) -> list[dict[str, Any]]:
    return [read_row(row, spans.COLUMNS) for row in rows]


def log_rows(rows: Sequence[bytes]) -> list[dict[str, Any]]:
    return [read_row(row, logs.COLUMNS) for row in rows]


def point_rows(rows: Sequence[bytes]) -> list[dict[str, Any]]:
    return [read_row(row, metrics.COLUMNS) for row in rows]
