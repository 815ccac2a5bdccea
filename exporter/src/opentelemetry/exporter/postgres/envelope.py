"""The nesting that all signals share: request, resource, scope, items."""

from collections.abc import Iterator

from opentelemetry.exporter.postgres.batch import Resource, Scope
from opentelemetry.exporter.postgres.origin import Origins
from opentelemetry.exporter.postgres.wire import read_length, read_varint, skip, text_of

Range = tuple[int, int]
ITEMS_A_PAUSE = 512


def groups(body: bytes, origins: Origins) -> Iterator[tuple[Resource, Scope, list[Range]]]:
    """Each scope's items, as ranges of `body`, with what they come from.

    An Export*ServiceRequest, its Resource* and its Scope* have the same field numbers in every signal.
    """
    for start, end in _fields(body, 0, len(body))[0]:
        resource, scopes, schema_url = _fields(body, start, end)
        origin = origins.resource(_merged(body, resource), schema_url)
        for scope_start, scope_end in scopes:
            scope, items, scope_schema_url = _fields(body, scope_start, scope_end)
            if items:
                yield origin, origins.scope(_merged(body, scope), scope_schema_url), items


def _fields(buf: bytes, pos: int, end: int) -> tuple[list[Range], list[Range], str]:
    """Where the occurrences of fields 1 and 2 lie, and field 3 as text."""
    first: list[Range] = []
    second: list[Range] = []
    third = ""
    while pos < end:
        tag, pos = read_varint(buf, pos, end)
        if tag == 0x0A:
            start, pos = read_length(buf, pos, end)
            first.append((start, pos))
        elif tag == 0x12:
            start, pos = read_length(buf, pos, end)
            second.append((start, pos))
        elif tag == 0x1A:
            start, pos = read_length(buf, pos, end)
            third = text_of(buf[start:pos])
        else:
            pos = skip(buf, pos, end, tag)
    return first, second, third


def _merged(buf: bytes, occurrences: list[Range]) -> bytes:
    """A message given several times means its parts joined, by the rules of protobuf."""
    return b"".join(buf[start:end] for start, end in occurrences)
