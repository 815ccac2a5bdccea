"""OTLP/JSON to OTLP/protobuf, tolerantly: what can be kept of an odd payload is kept, what cannot is named.

Keys may be snake_case; unknown fields and nulls are left out. An item that cannot be read is dropped alone. The result
goes the same way as protobuf from the wire.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from receiver.json_document import TOO_DEEP, document
from receiver.json_messages import MESSAGES, Field
from receiver.json_values import BadItem, block, kind_of
from receiver.refusals import Invalid

MAX_DEPTH = 200


@dataclass(slots=True)
class Transcoded:
    """body: the protobuf request. refusals: one line for each item that is not in it."""

    body: bytes
    refusals: list[str] = field(default_factory=list)


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "_" + match[1].lower(), name)


_SNAKE: dict[str, str] = {_snake(name): name for fields in MESSAGES.values() for name in fields if _snake(name) != name}


def parse(body: bytes) -> dict[str, Any]:
    """The top-level object. Raises Invalid for anything else."""
    request = document(body)
    if not isinstance(request, dict):
        raise Invalid("the JSON is no object")
    return request


def transcode(signal: str, body: bytes) -> Transcoded:
    """An Export*ServiceRequest of `signal` ('traces', 'logs' or 'metrics') as protobuf. Raises Invalid."""
    result = Transcoded(b"")
    try:
        result.body = _message(signal, parse(body), result.refusals, 0)
    except BadItem as error:
        raise Invalid(str(error)) from None
    except RecursionError:
        raise Invalid(TOO_DEEP) from None
    return result


def _message(kind: str, value: Any, refusals: list[str], depth: int) -> bytes:
    if not isinstance(value, dict):
        return b""
    if depth > MAX_DEPTH:
        raise BadItem(f"nested deeper than {MAX_DEPTH} levels")
    fields = MESSAGES[kind]
    parts: list[bytes] = []
    for key, content in value.items():
        name = str(key)
        camel = _SNAKE.get(name, name)
        found = fields.get(camel)
        if found is None or content is None or (camel != name and camel in value):
            continue
        if found.repeated:
            for element in content if isinstance(content, list) else []:
                if element is not None:
                    parts.append(_field(found, element, refusals, depth))
        else:
            parts.append(_field(found, content, refusals, depth))
    return b"".join(parts)


def _field(field: Field, value: Any, refusals: list[str], depth: int) -> bytes:
    if field.encode is not None:
        return field.encode(value) or b""
    if field.item and not isinstance(value, dict):
        refusals.append(f"an item must be an object; this is {kind_of(value)}")
        return b""
    try:
        return block(field.number, _message(field.message, value, refusals, depth + 1))
    except BadItem as error:
        if field.item:
            refusals.append(str(error))
        elif not field.spare:
            raise
        return b""
