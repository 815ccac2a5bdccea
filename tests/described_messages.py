"""Classes of protobuf messages from a short description, for encodings that are not OTLP."""

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_KIND = descriptor_pb2.FieldDescriptorProto
Field = tuple[str, int, str]
"""Name, number, and a scalar type or the name of a message. A name that ends with * is repeated."""


def classes(messages: Mapping[str, Sequence[Field]]) -> dict[str, Any]:
    """By name."""
    file = descriptor_pb2.FileDescriptorProto(name="described.proto", package="described", syntax="proto3")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            made = message.field.add(name=field.removesuffix("*"), number=number)
            made.label = _KIND.LABEL_REPEATED if field.endswith("*") else _KIND.LABEL_OPTIONAL
            if kind in messages:
                made.type, made.type_name = _KIND.TYPE_MESSAGE, f".described.{kind}"
            else:
                made.type = _KIND.Type.Value(f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"described.{name}")) for name in messages}
