"""The two encodings of Zipkin's lists of spans."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from opentelemetry.exporter.postgres.wire import DecodeError

from receiver.json_document import TOO_DEEP, document
from receiver.json_values import kind_of
from receiver.otlp_json import Transcoded
from receiver.refusals import Invalid
from receiver.translation.fields import Field, fields, message, nested, text
from receiver.translation.zipkin.spans import translated

_KINDS = {1: "CLIENT", 2: "SERVER", 3: "PRODUCER", 4: "CONSUMER"}


def from_json(body: bytes, received_ns: int) -> Transcoded:
    """The request as OTLP. Raises Invalid."""
    spans = document(body)
    if not isinstance(spans, list):
        raise Invalid(f"the JSON must be a list of Zipkin's spans; this is {kind_of(spans)}")
    try:
        return translated(spans, received_ns)
    except RecursionError:
        raise Invalid(TOO_DEEP) from None


def from_protobuf(body: bytes, received_ns: int) -> Transcoded:
    """The same of a ListOfSpans. Raises Invalid."""
    try:
        return translated(_spans(body), received_ns)
    except DecodeError as error:
        raise Invalid(f"not a ListOfSpans of Zipkin: {error}") from None


def _spans(body: bytes) -> Iterator[dict[str, Any]]:
    """As they are in JSON."""
    for tag, content in fields(body):
        if tag == _SPANS:
            span = message(_SPAN, content)
            span["tags"] = {tag.get("key", ""): tag.get("value", "") for tag in span.get("tags", ())}
            yield span


def _address(raw: bytes) -> str | None:
    return str(ip_address(raw)) if len(raw) in (4, 16) else None


_SPANS = 0x0A
_ENDPOINT = {
    0x0A: Field("serviceName", text),
    0x12: Field("ipv4", _address),
    0x1A: Field("ipv6", _address),
    0x20: Field("port", int),
}
_ANNOTATION = {0x09: Field("timestamp", int), 0x12: Field("value", text)}
_TAG = {0x0A: Field("key", text), 0x12: Field("value", text)}
_SPAN = {
    0x0A: Field("traceId", bytes.hex),
    0x12: Field("parentId", bytes.hex),
    0x1A: Field("id", bytes.hex),
    0x20: Field("kind", _KINDS.get),
    0x2A: Field("name", text),
    0x31: Field("timestamp", int),
    0x38: Field("duration", int),
    0x42: Field("localEndpoint", nested(_ENDPOINT)),
    0x4A: Field("remoteEndpoint", nested(_ENDPOINT)),
    0x52: Field("annotations", nested(_ANNOTATION), repeated=True),
    0x5A: Field("tags", nested(_TAG), repeated=True),
    0x60: Field("debug", bool),
    0x68: Field("shared", bool),
}
