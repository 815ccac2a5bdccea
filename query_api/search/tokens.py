"""Splits a search into the tokens of luqum's grammar.

luqum's own lexer takes "/" for a regular expression, ends a value at the next colon or brace and reads `x:-5` as an
exclusion. Routes, times with an offset, addresses and negative numbers are what people look for here, so a value
reaches to the next space or parenthesis.
"""

import re
from dataclasses import dataclass
from enum import Enum

from luqum.head_tail import TokenValue
from luqum.tree import Item, Phrase, Word

from query_api.search.errors import SearchError

MOST_TOKENS = 400
MOST_VALUES = 64

_SPACE = re.compile(r"\s+")
_PHRASE = re.compile(r'"(?:[^\\"]|\\.)*"', re.DOTALL)
_COMPARISON = re.compile(r"[<>]=?")
# Free words end at a colon, which makes them the name of a field.
_WORD = re.compile(r"(?:[^\s:()\\]|\\.)+", re.DOTALL)
_VALUE = re.compile(r"(?:[^\s()\\]|\\.)+", re.DOTALL)
_BOUND = re.compile(r"(?:[^\s\]}\\]|\\.)+", re.DOTALL)
_OPERATORS = {"AND": "AND_OP", "OR": "OR_OP", "NOT": "NOT"}
_SIGNS = {"-": "MINUS", "+": "PLUS", "(": "LPAREN", ")": "RPAREN", ":": "COLUMN"}


class Place(Enum):
    """Where in a search a token is."""

    ANYWHERE = 1
    VALUE = 2
    """Right after a field's colon, or a comparison."""
    GROUP = 3
    """In the parentheses of a field."""
    RANGE = 4


@dataclass
class Token:
    """A token as PLY's parsers want it."""

    type: str
    value: Item | TokenValue
    lexpos: int
    lineno: int = 1


class Tokens:
    """A lexer for luqum's parser, for one text. Raises SearchError."""

    def __init__(self) -> None:
        self.last: Token | None = None
        self._place = Place.ANYWHERE
        self._groups: list[Place] = []

    def input(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._count = self._values = 0

    def token(self) -> Token | None:
        """The next token, None at the end; `last` keeps it."""
        if space := _SPACE.match(self._text, self._at):
            self._at = space.end()
        self.last = self._next() if self._at < len(self._text) else None
        if self.last is not None:
            self._count_in(self.last)
        return self.last

    def _next(self) -> Token:
        first = self._text[self._at]
        if first == '"':
            return self._phrase()
        if self._place is Place.RANGE:
            return self._in_range(first)
        if self._place is not Place.ANYWHERE:
            if found := _COMPARISON.match(self._text, self._at):
                self._place = Place.VALUE
                return self._plain("GREATERTHAN" if first == ">" else "LESSTHAN", found.group())
            if first in "[{":
                self._place = Place.RANGE
                return self._plain("LBRACKET", first)
        if first in "()" or (first in "-+:" and self._place is not Place.VALUE):
            return self._sign(first)
        return self._word()

    def _sign(self, sign: str) -> Token:
        if sign == "(":
            self._groups.append(Place.ANYWHERE if self._place is Place.ANYWHERE else Place.GROUP)
            self._place = self._groups[-1]
        elif sign == ")":
            if self._groups:
                self._groups.pop()
            self._place = self._surrounding()
        elif sign == ":":
            self._place = Place.VALUE
        return self._plain(_SIGNS[sign], sign)

    def _phrase(self) -> Token:
        found = _PHRASE.match(self._text, self._at)
        if found is None:
            raise SearchError("This quotation mark has no closing one", self._at, ['"'])
        return self._value("PHRASE", Phrase(found.group()))

    def _in_range(self, first: str) -> Token:
        if first in "]}":
            self._place = self._surrounding()
            return self._plain("RBRACKET", first)
        text = self._matched(_BOUND)
        return self._plain("TO", text) if text == "TO" else self._value("TERM", Word(text))

    def _word(self) -> Token:
        text = self._matched(_WORD if self._place is Place.ANYWHERE else _VALUE)
        if self._place is not Place.VALUE and text in _OPERATORS:
            return self._plain(_OPERATORS[text], text)
        return self._value("TERM", Word(text))

    def _matched(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise SearchError("Nothing follows the backslash", self._at, ["a character to be taken literally"])
        return found.group()

    def _value(self, type_: str, value: Item) -> Token:
        if self._place is Place.VALUE:
            self._place = self._surrounding()
        value.pos, value.size = self._at, len(value.value)
        self._at += value.size
        return Token(type_, value, value.pos)

    def _plain(self, type_: str, text: str) -> Token:
        value = TokenValue(text)
        value.pos, value.size = self._at, len(text)
        self._at += len(text)
        return Token(type_, value, value.pos)

    def _surrounding(self) -> Place:
        return self._groups[-1] if self._groups else Place.ANYWHERE

    def _count_in(self, token: Token) -> None:
        self._count += 1
        # A colon makes the word before it a name.
        self._values += {"TERM": 1, "PHRASE": 1, "COLUMN": -1}.get(token.type, 0)
        if self._count > MOST_TOKENS or self._values > MOST_VALUES:
            raise SearchError(f"A search holds at most {MOST_VALUES} words and values", token.lexpos, ["the end"])
