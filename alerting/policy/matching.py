"""Matchers: what silences, inhibitions and routes say of labels, as Alertmanager does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

OPERATORS = ("=", "!=", "=~", "!~")
MOST_COMPILED = 2000


@dataclass(frozen=True)
class Matcher:
    """op: one of OPERATORS. A label that is not there counts as empty; a regular expression MUST match all of a value.

    ValueError, with a reason for people, for one that can never be asked. No expression takes more than linear time.
    """

    name: str
    op: str
    value: str

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a matcher needs the name of a label")
        if self.op not in OPERATORS:
            raise ValueError(f"a matcher's operator is one of {', '.join(OPERATORS)}, not {self.op!r}")
        if self.op.endswith("~"):
            _compiled(self.value)

    def matches(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.name, "")
        is_like = value == self.value if self.op in ("=", "!=") else _compiled(self.value).fullmatch(value) is not None
        return is_like != self.op.startswith("!")

    @property
    def matches_empty(self) -> bool:
        """Whether a label that is not there matches."""
        return self.matches({})

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "op": self.op, "value": self.value}


def matchers_of(stored: Any) -> tuple[Matcher, ...]:
    """From the jsonb of a silence, inhibition or route. ValueError for what is none."""
    if not isinstance(stored, list) or not all(isinstance(each, dict) for each in stored):
        raise ValueError("matchers are a list of objects")
    parts = [(each.get("name"), each.get("op"), each.get("value")) for each in stored]
    if not all(isinstance(part, str) for matcher in parts for part in matcher):
        raise ValueError("a matcher has a name, an op and a value, all of them texts")
    return tuple(Matcher(*matcher) for matcher in parts)


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)


@lru_cache(MOST_COMPILED)
def _compiled(expression: str) -> "re2._Regexp[str]":
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        raise ValueError(f"{expression!r} is no regular expression: {_text(error)}") from None


def _text(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
