"""Loki's PushRequest as protobuf."""

from collections.abc import Mapping, Sequence

import cramjam

from tests.described_messages import classes

Entry = tuple[int, str, Mapping[str, str]]
_CLASSES = classes(
    {
        "Push": [("streams*", 1, "Stream")],
        "Stream": [("labels", 1, "string"), ("entries*", 2, "Entry"), ("hash", 3, "uint64")],
        "Entry": [("timestamp", 1, "Time"), ("line", 2, "string"), ("metadata*", 3, "Pair")],
        "Time": [("seconds", 1, "int64"), ("nanos", 2, "int32")],
        "Pair": [("name", 1, "string"), ("value", 2, "string")],
    }
)


def push(streams: Sequence[tuple[str, Sequence[Entry]]]) -> bytes:
    """A serialized PushRequest of streams: labels as text, and entries of ns since 1970, line and metadata."""
    request = _CLASSES["Push"]()
    for labels, entries in streams:
        stream = request.streams.add(labels=labels, hash=7)
        for time_ns, line, metadata in entries:
            entry = stream.entries.add(line=line)
            entry.timestamp.seconds, entry.timestamp.nanos = divmod(time_ns, 10**9)
            for name, value in metadata.items():
                entry.metadata.add(name=name, value=value)
    body: bytes = request.SerializeToString()
    return body


def snapped(content: bytes) -> bytes:
    """A block of snappy."""
    return bytes(cramjam.snappy.compress_raw(content))
