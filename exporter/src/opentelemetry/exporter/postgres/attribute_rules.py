"""Attribute rules applied to serialized requests, before anything else looks at them.

What comes out is an ordinary request, so nothing behind it knows of rules. Runs as plain Python and is compiled by
Cython (attribute_rules.pxd gives the types).
"""

from collections.abc import Callable

from opentelemetry.exporter.postgres import wire
from opentelemetry.exporter.postgres.attribute_keys import Key, Keys
from opentelemetry.exporter.postgres.attribute_places import (
    ARRAY_VALUE,
    ATTRIBUTE,
    KEY_VALUE_LIST,
    MESSAGE,
    REQUESTS,
    RESOURCE_ATTRIBUTE,
    RESOURCE_ITEMS,
    TEXT,
    VALUE,
    Place,
)
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.envelope import ITEMS_A_PAUSE
from opentelemetry.exporter.postgres.origin import Origins
from opentelemetry.exporter.postgres.redaction import Action, Rules
from opentelemetry.exporter.postgres.wire import MAX_DEPTH

_SERVICE_NAME = b"service.name"
_REMOVED = b""
"""Instead of the content of a field: leave the field out."""
_CUT = b"\x10\x00"
"""An AnyValue for one that is nested too deeply, which the decoder does not look at."""


class AttributeRules:
    """Applies rules to requests. Keeps what it found out about keys; one a thread.

    `pause` is called every few hundred messages, as Decoder does.
    """

    def __init__(self, rules: Rules, pause: Callable[[], object] | None = None) -> None:
        self.hash_key = rules.hash_key
        self._keys = Keys(rules)
        self._pause = pause
        self._tells_services_apart = any(rule.service is not None for rule in rules.rules)
        self._origins = Origins()
        self._nowhere = Key("", (), None)
        self._messages = 0
        self._counts: dict[Action, int] = {}

    def apply(self, signal: Signal, body: bytes) -> tuple[bytes, dict[Action, int]]:
        """The Export*ServiceRequest as it may be stored, the very same object where that is as it came; and how many
        values were changed. Raises DecodeError, also for what is wrong where the decoder would not look."""
        self._counts = {}
        content = self._message(REQUESTS[signal], self._nowhere, body, 0, len(body), 0)
        return body if content is None else content, self._counts

    def _message(self, place: Place, outer: Key, buf: bytes, pos: int, end: int, depth: int) -> bytes | None:
        """The content of the message in buf[pos:end] by the rules. None where it stays as it is."""
        self._messages += 1
        if self._pause is not None and self._messages % ITEMS_A_PAUSE == 0:
            self._pause()
        parts: list[bytes] | None = None
        copied = pos
        while pos < end:
            before = pos
            tag, pos = wire.read_varint(buf, pos, end)
            field = place.fields[tag] if tag < 128 else None
            if field is None:
                pos = wire.skip(buf, pos, end, tag)
                continue
            at, pos = wire.read_length(buf, pos, end)
            content = self._content(field, outer, buf, at, pos, depth)
            if content is None:
                continue
            if parts is None:
                parts = []
            parts.append(buf[copied:before])
            if content or field.kind == MESSAGE or field.kind == RESOURCE_ITEMS:
                parts.append(_field(tag, content))
            copied = pos
        if parts is None:
            return None
        parts.append(buf[copied:end])
        return b"".join(parts)

    def _content(self, place: Place, outer: Key, buf: bytes, pos: int, end: int, depth: int) -> bytes | None:
        """The content of a field by the rules. None where it stays as it is."""
        kind = place.kind
        if kind == MESSAGE:
            return self._message(place, outer, buf, pos, end, depth)
        if kind in (ATTRIBUTE, RESOURCE_ATTRIBUTE):
            return self._attribute(outer, buf, pos, end, depth, kind == RESOURCE_ATTRIBUTE)
        if kind == VALUE:
            return self._value(self._keys.find(outer, place.key) if place.key else outer, buf, pos, end, depth)
        if kind == TEXT:
            return self._text(self._keys.find(outer, place.key), buf[pos:end])
        first = self._outermost(buf, pos, end)
        return None if first is None else self._message(place, first, buf, pos, end, depth)

    def _outermost(self, buf: bytes, pos: int, end: int) -> Key | None:
        """What the keys of one resource and its items lie in. None where no rule is about their service."""
        if not self._tells_services_apart:
            return self._keys.outermost(None)
        resource = b"".join([buf[at:after] for at, after in _fields(buf, pos, end, 0x0A)])
        return self._keys.outermost(self._origins.resource(resource, "").service_name)

    def _attribute(self, outer: Key, buf: bytes, pos: int, end: int, depth: int, of_resource: bool) -> bytes | None:
        """A KeyValue by the rules. Of several values the last one counts, as for the decoder."""
        key_at = key_end = pos
        value_at = value_end = end
        values = 0
        while pos < end:
            tag, pos = wire.read_varint(buf, pos, end)
            if tag == 0x0A:
                key_at, pos = wire.read_length(buf, pos, end)
                key_end = pos
            elif tag == 0x12:
                value_at, pos = wire.read_length(buf, pos, end)
                value_end = pos
                values += 1
            else:
                pos = wire.skip(buf, pos, end, tag)
        raw = buf[key_at:key_end]
        if of_resource and raw == _SERVICE_NAME:
            return None
        value = self._value(self._keys.find(outer, raw), buf, value_at, value_end, depth)
        if value is None:
            if values < 2:
                return None
            value = buf[value_at:value_end]
        elif not value:
            return _REMOVED
        return _field(0x0A, raw) + _field(0x12, value)

    def _value(self, key: Key, buf: bytes, pos: int, end: int, depth: int) -> bytes | None:
        """An AnyValue by the rules."""
        if depth > MAX_DEPTH:
            return _CUT
        if key.at_once or (key.whole and pos == end):
            return self._as_string(key, _textual(buf, pos, end, depth))
        parts: list[bytes] | None = None
        copied = pos
        while pos < end:
            before = pos
            tag, pos = wire.read_varint(buf, pos, end)
            at = pos
            if tag & 7 == 2:
                at, pos = wire.read_length(buf, pos, end)
            else:
                pos = wire.skip(buf, pos, end, tag)
            field = self._kind(key, tag, buf, before, at, pos, depth)
            if field is None:
                continue
            if parts is None:
                parts = []
            parts.append(buf[copied:before])
            parts.append(field)
            copied = pos
        if parts is None:
            return None
        parts.append(buf[copied:end])
        return b"".join(parts)

    def _kind(self, key: Key, tag: int, buf: bytes, before: int, at: int, end: int, depth: int) -> bytes | None:
        """One field of an AnyValue by the rules, its tag included. None where it stays as it is."""
        if tag == 0x2A or (tag == 0x32 and not key.whole):
            place = ARRAY_VALUE if tag == 0x2A else KEY_VALUE_LIST
            content = self._message(place, key, buf, at, end, depth + 1)
            return None if content is None else _field(tag, content)
        if key.treatment is None or tag not in (0x0A, 0x10, 0x18, 0x21, 0x32, 0x3A):
            return None
        if tag == 0x0A or tag == 0x3A:
            return self._as_string(key, buf[at:end])
        return self._as_string(key, _textual(buf, before, end, depth))

    def _as_string(self, key: Key, text: bytes) -> bytes | None:
        """The field of an AnyValue that takes the place of the value with this text."""
        treated = self._text(key, text)
        return _field(0x0A, treated) if treated else treated

    def _text(self, key: Key, text: bytes) -> bytes | None:
        """A text by the rules. None where it stays as it is."""
        treated = key.treatment.of(text, self._counts) if key.treatment is not None else text
        if treated is text:
            return None
        return _REMOVED if treated is None else treated


def _textual(buf: bytes, pos: int, end: int, depth: int) -> bytes:
    """An AnyValue as text: a string itself, all others as JSON."""
    json, value = wire.any_value(buf, pos, end, depth)
    return value.encode() if isinstance(value, str) else json


def _fields(buf: bytes, pos: int, end: int, wanted: int) -> list[tuple[int, int]]:
    """Where the contents of the fields with this tag lie."""
    found: list[tuple[int, int]] = []
    while pos < end:
        tag, pos = wire.read_varint(buf, pos, end)
        if tag == wanted:
            at, pos = wire.read_length(buf, pos, end)
            found.append((at, pos))
        else:
            pos = wire.skip(buf, pos, end, tag)
    return found


def _field(tag: int, content: bytes) -> bytes:
    """A length-delimited field; its tag is below 128."""
    size = len(content)
    head = bytearray((tag,))
    while size > 0x7F:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return bytes(head) + content
