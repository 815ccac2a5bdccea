"""The two encodings of Loki's push. The snappy around its protobuf is gone before."""

from collections.abc import Iterator
from typing import Any

from opentelemetry.exporter.postgres.wire import DecodeError, int64

from receiver.json_document import TOO_DEEP, document
from receiver.json_values import kind_of
from receiver.otlp_json import Transcoded
from receiver.refusals import Invalid
from receiver.translation.fields import Field, fields, message, nested, text
from receiver.translation.loki.streams import translated


def from_json(body: bytes, received_ns: int) -> Transcoded:
    """The request as OTLP. Raises Invalid."""
    request = document(body)
    streams = request.get("streams") if isinstance(request, dict) else None
    if not isinstance(streams, list):
        raise Invalid(f"the JSON must be an object with a list `streams`; this is {kind_of(request)}")
    try:
        return translated(streams)
    except RecursionError:
        raise Invalid(TOO_DEEP) from None


def from_protobuf(body: bytes, received_ns: int) -> Transcoded:
    """The same of a PushRequest. Raises Invalid."""
    try:
        return translated(_streams(body))
    except DecodeError as error:
        raise Invalid(f"not a PushRequest of Loki: {error}") from None


def _streams(body: bytes) -> Iterator[dict[str, Any]]:
    """As they are in JSON, but for the labels, which are text."""
    for tag, content in fields(body):
        if tag == _STREAMS:
            stream = message(_STREAM, content)
            yield {"stream": stream.get("labels", "{}"), "values": stream.get("entries", [])}


def _entry(content: bytes) -> list[Any]:
    entry = message(_ENTRY, content)
    metadata = {pair.get("name", ""): pair.get("value", "") for pair in entry.get("metadata", ())}
    return [entry.get("timestamp", 0), entry.get("line", ""), metadata]


def _nanos(content: bytes) -> int:
    time = message(_TIMESTAMP, content)
    nanos: int = time.get("seconds", 0) * 1_000_000_000 + time.get("nanos", 0)
    return nanos


_STREAMS = 0x0A
_TIMESTAMP = {0x08: Field("seconds", int64), 0x10: Field("nanos", int64)}
_PAIR = {0x0A: Field("name", text), 0x12: Field("value", text)}
_ENTRY = {
    0x0A: Field("timestamp", _nanos),
    0x12: Field("line", text),
    0x1A: Field("metadata", nested(_PAIR), repeated=True),
}
_STREAM = {0x0A: Field("labels", text), 0x12: Field("entries", _entry, repeated=True)}
