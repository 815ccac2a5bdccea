"""Attribute rules applied to serialized requests, before anything else looks at them.

What comes out is an ordinary request, so nothing behind it knows of rules. Runs as plain Python and is compiled by
Cython (attribute_rules.pxd gives the types).
"""

from collections.abc import Callable
from fnmatch import fnmatchcase

from opentelemetry.exporter.postgres import wire
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
from opentelemetry.exporter.postgres.redaction import Action, Rule, Rules, Treatment
from opentelemetry.exporter.postgres.wire import MAX_DEPTH

MAX_KEYS = 10_000
MAX_PATH = 512
_SERVICE_NAME = b"service.name"
_REMOVED = b""
"""Instead of the content of a field: leave the field out."""
_CUT = b"\x10\x00"
"""An AnyValue for one that is nested too deeply, which the decoder does not look at."""


class Key:
    """A key under which values stand, those around it included: `user.email` for `email` in a map `user`.

    treatment: None where no rule is about the key. whole: a rule is about whole values. at_once: and it leaves nothing
    of them that would differ between the elements of a list.
    """

    def __init__(self, path: str, treatment: Treatment | None = None) -> None:
        self.path = path
        self.inner: dict[bytes, Key] = {}
        self.treatment = treatment
        action = treatment.whole if treatment is not None else None
        self.whole = action is not None
        self.at_once = self.whole and action is not Action.HASH


class AttributeRules:
    """Applies rules to requests. Keeps what it found out about keys; one a thread.

    `pause` is called every few hundred messages, as Decoder does.
    """

    def __init__(self, rules: Rules, pause: Callable[[], object] | None = None) -> None:
        self.hash_key = rules.hash_key
        self._rules = rules.rules
        self._pause = pause
        self._tells_services_apart = any(rule.service is not None for rule in rules.rules)
        self._origins = Origins()
        self._nowhere = Key("")
        self._outer: dict[tuple[Rule, ...], Key] = {}
        self._of_service: tuple[Rule, ...] = ()
        self._treatments: dict[tuple[Rule, ...], Treatment] = {}
        self._known = 0
        self._messages = 0
        self._counts: dict[Action, int] = {}

    def apply(self, signal: Signal, body: bytes) -> tuple[bytes, dict[Action, int]]:
        """The Export*ServiceRequest as it may be stored, the very same object where no rule took effect; and how many
        values were changed. Raises DecodeError."""
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
            return self._value(self._key(outer, place.key) if place.key else outer, buf, pos, end, depth)
        if kind == TEXT:
            return self._text(self._key(outer, place.key), buf[pos:end])
        first = self._outermost(buf, pos, end)
        return None if first is None else self._message(place, first, buf, pos, end, depth)

    def _outermost(self, buf: bytes, pos: int, end: int) -> Key | None:
        """Where the keys of what comes from this resource begin. None where no rule is about its service."""
        rules = self._rules
        if self._tells_services_apart:
            resource = b"".join([buf[at:after] for at, after in _fields(buf, pos, end, 0x0A)])
            service = self._origins.resource(resource, "").service_name.casefold()
            rules = tuple(
                rule for rule in rules if rule.service is None or fnmatchcase(service, rule.service.casefold())
            )
            if not rules:
                return None
        self._of_service = rules
        outer = self._outer.get(rules)
        if outer is None:
            outer = self._outer[rules] = Key("")
        return outer

    def _key(self, outer: Key, raw: bytes) -> Key:
        found = outer.inner.get(raw)
        return self._make_key(outer, raw) if found is None else found

    def _make_key(self, outer: Key, raw: bytes) -> Key:
        """What looks into a value is about all that lies within it too."""
        name = raw.decode(errors="replace")
        path = f"{outer.path}.{name}" if outer.path else name
        from_outer = outer.treatment.patterns if outer.treatment is not None else ()
        matching: list[Rule] = []
        for rule in self._of_service:
            if rule in from_outer or fnmatchcase(path.casefold(), rule.key.casefold()):
                matching.append(rule)
                if rule.value is None:
                    break
        key = Key(path, self._treatment(tuple(matching)))
        if len(path) <= MAX_PATH:
            self._known += 1
            if self._known > MAX_KEYS:
                self._known = 0
                for each in self._outer.values():
                    each.inner.clear()
            outer.inner[raw] = key
        return key

    def _treatment(self, rules: tuple[Rule, ...]) -> Treatment | None:
        if not rules:
            return None
        found = self._treatments.get(rules)
        if found is None:
            found = self._treatments[rules] = Treatment(rules, self.hash_key)
        return found

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
        value = self._value(self._key(outer, raw), buf, value_at, value_end, depth)
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
        """The field of an AnyValue that takes the place of the value with this text, if anything does."""
        treated = key.treatment.of(text, self._counts) if key.treatment is not None else text
        if treated is text:
            return None
        return _REMOVED if treated is None else _field(0x0A, treated)

    def _text(self, key: Key, text: bytes) -> bytes | None:
        """A string that is no attribute by the rules."""
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
