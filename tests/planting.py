"""Puts a value at every place of a request where an attribute may stand."""

from collections.abc import Iterator
from typing import Any, TypeVar

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Request = TypeVar("Request", bound=Message)


def attribute_lists(message: Message) -> Iterator[Any]:
    """All lists of KeyValues in a message, those within values too."""
    for field, content in message.ListFields():
        if field.message_type is None:
            continue
        for inner in content if field.is_repeated else [content]:
            yield from attribute_lists(inner)
    for field in message.DESCRIPTOR.fields:
        if field.message_type is KeyValue.DESCRIPTOR:
            yield getattr(message, field.name)


def planted(request: Request, value: AnyValue | None, key: str = "planted") -> Request:
    """With an attribute more in every list of attributes, and the body of each log record replaced."""
    found = type(request)()
    found.CopyFrom(request)
    for pairs in [*attribute_lists(found)]:
        if value is not None:
            pairs.add(key=key, value=value)
    for record in records_of(found):
        record.ClearField("body")
        if value is not None:
            record.body.CopyFrom(value)
    return found


def records_of(request: Message) -> Iterator[Any]:
    if isinstance(request, ExportLogsServiceRequest):
        for group in request.resource_logs:
            for scope in group.scope_logs:
                yield from scope.log_records
