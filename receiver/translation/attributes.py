"""Attributes of OTLP from values of JSON."""

import json
from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from receiver.json_values import utf8

Scalar = str | bool | int | float


def scalar(value: Any) -> Scalar:
    """The value itself where an attribute holds it; else its text."""
    if isinstance(value, bool | float) or (isinstance(value, int) and -(1 << 63) <= value < 1 << 63):
        return value
    return clean(value) if isinstance(value, str) else clean(json.dumps(value, ensure_ascii=False))


def clean(text: str) -> str:
    """Without lone surrogates, which JSON can write and protobuf cannot."""
    return text if text.isascii() else utf8(text).decode()


def attributes(values: Mapping[str, Any]) -> list[KeyValue]:
    """One for each value that is there. Keys MUST be text."""
    return [KeyValue(key=clean(key), value=_any(scalar(value))) for key, value in values.items() if value is not None]


def _any(value: Scalar) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(double_value=value) if isinstance(value, float) else AnyValue(string_value=value)
