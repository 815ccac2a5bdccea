"""What can be asked of a column, by the kind of its values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from query_api.search.arguments import Arguments
from query_api.search.errors import SearchError
from query_api.search.expression import Equals, Exists, Like, Order, Term, Wildcard


@dataclass(frozen=True)
class Context:
    """now: what relative times count from. neutral: what a word that says nothing (a stop word) is taken for."""

    arguments: Arguments
    now: datetime
    neutral: bool = False


class Kind(Protocol):
    """A kind of values. `condition` gives SQL that is true, false or null, and raises SearchError."""

    def condition(self, column: str, term: Term, context: Context) -> str: ...


@dataclass(frozen=True)
class Text:
    """Text that is compared exactly. normal: the one form in which the column has it, if there is one."""

    normal: Callable[[str], str] = str

    def condition(self, column: str, term: Term, context: Context) -> str:
        match term.test:
            case Exists():
                return f"{column} IS NOT NULL"
            case Equals(text):
                return f"{column} = {context.arguments.add(self.normal(text), 'text')}"
            case Like():
                return f"{column} LIKE {context.arguments.add(self.normal(like(term.test)), 'text')}"
        raise SearchError(f"{term.field} is text and has no order", term.position, ["a value without < or >"])


@dataclass(frozen=True)
class Part:
    """Text of which a part is sought, in any case."""

    def condition(self, column: str, term: Term, context: Context) -> str:
        match term.test:
            case Exists():
                return f"{column} IS NOT NULL"
            case Equals(text):
                return f"{column} ILIKE {context.arguments.add(like(Like((text,)), inside=True), 'text')}"
            case Like():
                return f"{column} ILIKE {context.arguments.add(like(term.test, inside=True), 'text')}"
        raise SearchError("Words have no order", term.position, ["a value without < or >"])


@dataclass(frozen=True)
class Words:
    """Full text: English words in any form. A pattern is sought in the text itself.

    vector: the words of the text, an expression of SQL. patterns: a function of SQL from words to patterns of ILIKE
    that every text with all of them passes; they are tried first, which is worth it where the vector has to be made.
    """

    vector: str
    patterns: str | None = None

    def condition(self, column: str, term: Term, context: Context) -> str:
        if not isinstance(term.test, Equals):
            return Part().condition(column, term, context)
        parse = "phraseto_tsquery" if term.test.phrase else "plainto_tsquery"
        words = context.arguments.add(term.test.text, "text")
        query = f"{parse}('english', {words})"
        neutral = "true" if context.neutral else "false"
        found = f"{self.vector} @@ {query}"
        if self.patterns:
            found = f'{column} COLLATE "C" ILIKE ALL ({self.patterns}({words})) AND {found}'
        return f"CASE WHEN numnode({query}) = 0 THEN {neutral} ELSE {found} END"


@dataclass(frozen=True)
class Scalar:
    """Values that are read, and compared as this type of PostgreSQL."""

    read: Callable[[str, datetime], object | None]
    type_: str
    expected: str
    ordered: bool = True

    def condition(self, column: str, term: Term, context: Context) -> str:
        operator = "="
        match term.test:
            case Exists():
                return f"{column} IS NOT NULL"
            case Like():
                raise SearchError(f"{term.field} takes no wildcards", term.position, [self.expected])
            case Equals(text):
                pass
            case Order(operator, text):
                if not self.ordered:
                    raise SearchError(f"{term.field} has no order", term.position, ["a value without < or >"])
        value = self.read(text, context.now)
        if value is None:
            raise SearchError(f"{term.field} takes {self.expected}", term.position, [self.expected])
        return f"{column} {operator} {context.arguments.add(value, self.type_)}"


@dataclass(frozen=True)
class Choice:
    """One of a few values, by names in any case; ordered ones stand in their order."""

    names: Mapping[str, object]
    type_: str
    ordered: bool = False

    def condition(self, column: str, term: Term, context: Context) -> str:
        match term.test:
            case Exists():
                return f"{column} IS NOT NULL"
            case Equals(text):
                return f"{column} = {context.arguments.add(self._stored(text, term), self.type_)}"
            case Order(operator, text) if self.ordered:
                stored = self._stored(text, term)
                order = list(dict.fromkeys(self.names.values()))
                place = order.index(stored)
                chosen = {
                    "<": order[:place],
                    "<=": order[: place + 1],
                    ">": order[place + 1 :],
                    ">=": order[place:],
                }[operator]
                return f"{column} = ANY ({context.arguments.add(chosen, self.type_ + '[]')})"
        raise SearchError(f"{term.field} takes one of its names", term.position, list(self.names))

    def _stored(self, text: str, term: Term) -> object:
        try:
            return self.names[text.lower()]
        except KeyError:
            raise SearchError(f"{term.field} has no value {text!r}", term.position, list(self.names)) from None


def like(pattern: Like, inside: bool = False) -> str:
    """A pattern of LIKE, for the whole text or a part of it."""
    wildcards = {Wildcard.ANY: "%", Wildcard.ONE: "_"}
    body = "".join(wildcards[piece] if isinstance(piece, Wildcard) else literal(piece) for piece in pattern.pieces)
    return f"%{body}%" if inside else body


def literal(text: str) -> str:
    """The text itself in a pattern of LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
