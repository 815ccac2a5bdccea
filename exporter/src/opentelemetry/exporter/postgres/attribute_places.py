"""Where attributes, and other texts that rules are about, stand in the messages of OTLP."""

from collections.abc import Mapping

from opentelemetry.exporter.postgres.batch import Signal

MESSAGE, RESOURCE_ITEMS, RESOURCE_ATTRIBUTE, ATTRIBUTE, VALUE, TEXT = range(6)


class Place:
    """A length-delimited field that holds such a text, or a message with such a field.

    RESOURCE_ITEMS is the message of one resource and its items. VALUE is an AnyValue and TEXT a string that is no
    attribute; rules know it by `key`.
    """

    def __init__(self, kind: int, fields: Mapping[int, "Place"] | None = None, key: bytes = b"") -> None:
        self.kind = kind
        self.key = key
        self.fields: list[Place | None] = [None] * 128
        for number, place in (fields or {}).items():
            self.fields[number << 3 | 2] = place


def _message(fields: Mapping[int, Place]) -> Place:
    return Place(MESSAGE, fields)


def _text(key: bytes) -> Place:
    return Place(TEXT, key=key)


_ATTRIBUTE = Place(ATTRIBUTE)
ARRAY_VALUE = _message({1: Place(VALUE)})
KEY_VALUE_LIST = _message({1: _ATTRIBUTE})

_RESOURCE = _message({1: Place(RESOURCE_ATTRIBUTE)})
_SCOPE = _message({3: _ATTRIBUTE})
_EVENT = _message({2: _text(b"event.name"), 3: _ATTRIBUTE})
_LINK = _message({4: _ATTRIBUTE})
_STATUS = _message({2: _text(b"status.message")})
_SPAN = _message({5: _text(b"span.name"), 9: _ATTRIBUTE, 11: _EVENT, 13: _LINK, 15: _STATUS})
_RECORD = _message({5: Place(VALUE, key=b"body"), 6: _ATTRIBUTE, 12: _text(b"event.name")})
_EXEMPLAR = _message({7: _ATTRIBUTE})
_NUMBERS = _message({1: _message({5: _EXEMPLAR, 7: _ATTRIBUTE})})
_HISTOGRAM = _message({1: _message({8: _EXEMPLAR, 9: _ATTRIBUTE})})
_EXPONENTIAL = _message({1: _message({1: _ATTRIBUTE, 11: _EXEMPLAR})})
_SUMMARY = _message({1: _message({7: _ATTRIBUTE})})
_METRIC = _message({5: _NUMBERS, 7: _NUMBERS, 9: _HISTOGRAM, 10: _EXPONENTIAL, 11: _SUMMARY, 12: _ATTRIBUTE})


def _request(item: Place) -> Place:
    scope_items = _message({1: _SCOPE, 2: item})
    return _message({1: Place(RESOURCE_ITEMS, {1: _RESOURCE, 2: scope_items})})


REQUESTS = {Signal.TRACES: _request(_SPAN), Signal.LOGS: _request(_RECORD), Signal.METRICS: _request(_METRIC)}
