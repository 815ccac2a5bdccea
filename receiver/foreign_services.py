"""A request without the services that its sender may not write for."""

from collections import Counter
from collections.abc import Callable, Iterator

from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.wire import read_length, read_varint, skip

from receiver.refusals import Forbidden

GROUPS = 0x0A
"""The tag of resource_spans, resource_logs and resource_metrics: field 1 of every Export request."""
MOST_NAME = 100
Read = Callable[[bytes], Batch]


def has_foreign(batch: Batch, services: frozenset[str]) -> bool:
    """Of a 64-bit id a sender can make a second content, so what the resources' ids lead to does not count."""
    return not batch.services <= services


def without_foreign(body: bytes, services: frozenset[str], read: Read) -> tuple[bytes, list[str]]:
    """The request's own services, and a line for each item that was taken out. `read` makes a batch of a body.

    The body MUST have been read before. Raises Forbidden where nothing is left.
    """
    kept: list[bytes] = []
    taken_out: Counter[str] = Counter()
    for group in _groups(body):
        batch = read(group)
        if has_foreign(batch, services):
            taken_out[next(iter(batch.services))] += batch.items
        else:
            kept.append(group)
    lines = {name: f'the key is not for the service "{name[:MOST_NAME]}"' for name in taken_out}
    if not kept:
        raise Forbidden("; ".join(list(lines.values())[:5]))
    return b"".join(kept), [lines[name] for name in taken_out.elements()]


def _groups(body: bytes) -> Iterator[bytes]:
    """Each resource with all that came from it, as a request of its own."""
    start, end = 0, len(body)
    while start < end:
        tag, pos = read_varint(body, start, end)
        pos = read_length(body, pos, end)[1] if tag == GROUPS else skip(body, pos, end, tag)
        if tag == GROUPS:
            yield body[start:pos]
        start = pos
