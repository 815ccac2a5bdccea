"""Rules about attributes, and what they make of one text."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hmac import digest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from re2 import _Match, _Regexp

MASKED = b"***"
HASH_BYTES = 16
MAX_FOUND = 1_000
"""A text in which a pattern is found as often is replaced as a whole: each costs 2 µs, and senders may be hostile."""
MAX_CLEAN = 5_000
MAX_CLEAN_BYTES = 128
"""Texts in which nothing was found, and which come again and again, are not searched again."""


class Action(StrEnum):
    """What a rule does to the values that it is about."""

    DROP = "drop"
    HASH = "hash"
    MASK = "mask"


REASONS = {
    Action.DROP: "an attribute rule dropped a value",
    Action.HASH: "an attribute rule hashed a value",
    Action.MASK: "an attribute rule masked a value",
}
"""As what the values that rules have changed are counted."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """key and service are globs, both without regard to case. service: None for all. value: what to look for in the
    text of a value; None where the rule is about the whole value."""

    key: str
    action: Action
    value: "_Regexp[bytes] | None" = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules in the order in which they apply. hash_key: what hashes are made with, where a rule hashes."""

    rules: tuple[Rule, ...]
    hash_key: bytes = b""


class Treatment:
    """What rules make of the values of one key: all that match it, up to the first that is about the whole value."""

    def __init__(self, rules: Sequence[Rule], hash_key: bytes) -> None:
        self._hash_key = hash_key
        self._clean: set[bytes] = set()
        self.patterns = tuple(rule for rule in rules if rule.value is not None)
        self.whole = rules[-1].action if rules and rules[-1].value is None else None

    def of(self, text: bytes, counts: MutableMapping[Action, int]) -> bytes | None:
        """The text, UTF-8, as it may be stored: itself where nothing applies, None where it may not be at all.

        Adds what was done to `counts`."""
        searched: bytes | None = text
        if self.patterns and text not in self._clean:
            searched = self._searched(text, counts)
        if searched is None or self.whole is None:
            return searched
        _count(counts, self.whole)
        if self.whole is Action.DROP:
            return None
        return self._instead(self.whole, searched)

    def _searched(self, text: bytes, counts: MutableMapping[Action, int]) -> bytes | None:
        """What the patterns leave of the text."""
        valid = text if text.isascii() else text.decode(errors="replace").encode()
        left = valid
        for rule in self.patterns:
            if rule.value is None or rule.value.search(left) is None:
                continue
            _count(counts, rule.action)
            if rule.action is Action.DROP:
                return None
            replace = self._masked if rule.action is Action.MASK else self._hashed
            replaced, found = rule.value.subn(replace, left, MAX_FOUND)
            left = replaced if found < MAX_FOUND else self._instead(rule.action, left)
        if left is not valid:
            return left
        if len(text) <= MAX_CLEAN_BYTES:
            if len(self._clean) >= MAX_CLEAN:
                self._clean.clear()
            self._clean.add(text)
        return text

    def _instead(self, action: Action, text: bytes) -> bytes:
        return MASKED if action is Action.MASK else self._hash(text)

    def _masked(self, match: "_Match[bytes]") -> bytes:
        return MASKED

    def _hashed(self, match: "_Match[bytes]") -> bytes:
        return self._hash(match.group())

    def _hash(self, text: bytes) -> bytes:
        return digest(self._hash_key, text, "sha256")[:HASH_BYTES].hex().encode()


def _count(counts: MutableMapping[Action, int], action: Action) -> None:
    counts[action] = counts.get(action, 0) + 1
