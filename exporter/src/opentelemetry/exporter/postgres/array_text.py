"""Arrays as text, which a driver need not encode element by element."""

from collections.abc import Iterable

SEPARATOR = "\x01"
_NULL = "\x02"


def array(values: Iterable[object]) -> str:
    """The text form of a PostgreSQL array of numbers or plain words."""
    return "{" + ",".join(map(str, values)) + "}"


def without_separators(text: str) -> str:
    """The text with U+FFFD in place of the characters that mean something here."""
    return text.replace(SEPARATOR, "\ufffd").replace(_NULL, "\ufffd")


def texts(values: Iterable[str | None]) -> str:
    """Strings and nulls for `trim_array(string_to_array($1, E'\\x01', E'\\x02'), 1)`.

    One more element than there are values ends it: an empty text alone would be an empty array.
    """
    cleaned = (_NULL if value is None else without_separators(value) for value in values)
    return SEPARATOR.join((*cleaned, ""))
