"""Keys of the rollups: minutes, operations, duration buckets."""

from math import ceil, log

from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.origin import content_id
from opentelemetry.exporter.postgres.parts import OperationDelta

MAX_KNOWN = 50_000
MAX_KNOWN_NAME = 512
MAX_NAME = 200
NS_PER_MINUTE = 60_000_000_000
_MINUTE = NS_PER_MINUTE
_LOG_GROWTH = log(1.04)


def bucket(duration_us: float) -> int:
    """The bucket whose bounds in µs are (1.04^(n-1), 1.04^n]; durations up to 1 µs share bucket 0."""
    return int(ceil(log(duration_us) / _LOG_GROWTH)) if duration_us > 1 else 0  # noqa: RUF046 - a double in C


def short(name: str) -> str:
    """A name fit for a btree key: longer ones are shortened and end in a hash of the whole."""
    if len(name) <= MAX_NAME:
        return name
    return f"{name[:180]}…{content_id(name.encode()) & 0xFFFFFFFFFFFFFFFF:016x}"


class Operations:
    """Counts spans, errors and durations per minute and operation."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, int], int] = {}

    def count(
        self, batch: Batch, service: str, name: str, kind: int, start_ns: int, duration_ns: int, failed: bool
    ) -> None:
        key = (service, name, kind)
        operation = self._known.get(key)
        if operation is None:
            operation = content_id(service.encode(), name.encode(), str(kind).encode())
            if len(service) + len(name) <= MAX_KNOWN_NAME:
                if len(self._known) >= MAX_KNOWN:
                    self._known.clear()
                self._known[key] = operation
        place = (start_ns // _MINUTE, operation)
        delta = batch.operation_deltas.get(place)
        if delta is None:
            delta = batch.operation_deltas[place] = OperationDelta()
            batch.operations[operation] = key
        delta.buckets.append(bucket(duration_ns / 1000))
        delta.duration_ns += duration_ns
        delta.errors += failed
