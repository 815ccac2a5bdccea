"""A spooled request as a row, with a checksum over all of it."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from opentelemetry.exporter.postgres.batch import Signal

WORTH_DEFLATING = 512

Row = tuple[bytes, int, int, str, int, int, int, bytes]
"""digest, signal, received_ns, refusals, size, deflated, crc, body."""


class Damaged(Exception):
    """A file holds what was not written to it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A request as it is spooled. received_ns: in ns since 1970. refusals: as in Request."""

    digest: bytes
    signal: Signal
    received_ns: int
    refusals: Sequence[str]
    body: bytes


def row_of(entry: Entry) -> Row:
    """The body is deflated where that makes it smaller."""
    body, deflated = entry.body, 0
    if len(body) >= WORTH_DEFLATING and len(smaller := zlib.compress(body, 1)) < len(body):
        body, deflated = smaller, 1
    refusals = "\n".join(" ".join(line.split()) for line in entry.refusals)
    fields = (entry.digest, int(entry.signal), entry.received_ns, refusals, len(entry.body), deflated)
    return *fields, _crc(*fields, body), body


def entry_of(row: Row) -> Entry:
    """Raises Damaged unless the row is as it was written."""
    digest, signal, received_ns, refusals, size, deflated, crc, body = row
    if _crc(digest, signal, received_ns, refusals, size, deflated, body) != crc:
        raise Damaged("a checksum does not fit")
    return Entry(
        digest,
        Signal(signal),
        received_ns,
        refusals.split("\n") if refusals else (),
        zlib.decompress(body) if deflated else body,
    )


def _crc(digest: bytes, signal: int, received_ns: int, refusals: str, size: int, deflated: int, body: bytes) -> int:
    head = f"{signal} {received_ns} {size} {deflated} {refusals}".encode()
    return zlib.crc32(body, zlib.crc32(head, zlib.crc32(digest)))
