"""Zipkin's ListOfSpans as protobuf, of spans as they are in JSON."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any

from tests.described_messages import classes

KINDS = ("CLIENT", "SERVER", "PRODUCER", "CONSUMER")
_CLASSES = classes(
    {
        "List": [("spans*", 1, "Span")],
        "Span": [
            ("trace_id", 1, "bytes"),
            ("parent_id", 2, "bytes"),
            ("id", 3, "bytes"),
            ("kind", 4, "int32"),
            ("name", 5, "string"),
            ("timestamp", 6, "fixed64"),
            ("duration", 7, "uint64"),
            ("local_endpoint", 8, "Endpoint"),
            ("remote_endpoint", 9, "Endpoint"),
            ("annotations*", 10, "Annotation"),
            ("tags*", 11, "Tag"),
            ("debug", 12, "bool"),
            ("shared", 13, "bool"),
        ],
        "Endpoint": [("service_name", 1, "string"), ("ipv4", 2, "bytes"), ("ipv6", 3, "bytes"), ("port", 4, "int32")],
        "Annotation": [("timestamp", 1, "fixed64"), ("value", 2, "string")],
        "Tag": [("key", 1, "string"), ("value", 2, "string")],
    }
)


def list_of_spans(spans: Iterable[Mapping[str, Any]]) -> bytes:
    """Serialized."""
    body: bytes = _CLASSES["List"](spans=[_span(span) for span in spans]).SerializeToString()
    return body


def _span(span: Mapping[str, Any]) -> Any:
    return _CLASSES["Span"](
        trace_id=bytes.fromhex(span.get("traceId", "")),
        parent_id=bytes.fromhex(span.get("parentId", "")),
        id=bytes.fromhex(span.get("id", "")),
        kind=KINDS.index(span["kind"]) + 1 if span.get("kind") else 0,
        name=span.get("name", ""),
        timestamp=span.get("timestamp", 0),
        duration=span.get("duration", 0),
        local_endpoint=_endpoint(span.get("localEndpoint", {})),
        remote_endpoint=_endpoint(span.get("remoteEndpoint", {})),
        annotations=[_CLASSES["Annotation"](**annotation) for annotation in span.get("annotations", ())],
        tags=[_CLASSES["Tag"](key=key, value=value) for key, value in span.get("tags", {}).items()],
        debug=span.get("debug", False),
        shared=span.get("shared", False),
    )


def _endpoint(endpoint: Mapping[str, Any]) -> Any:
    return _CLASSES["Endpoint"](
        service_name=endpoint.get("serviceName", ""),
        ipv4=ip_address(endpoint["ipv4"]).packed if "ipv4" in endpoint else b"",
        ipv6=ip_address(endpoint["ipv6"]).packed if "ipv6" in endpoint else b"",
        port=endpoint.get("port", 0),
    )
