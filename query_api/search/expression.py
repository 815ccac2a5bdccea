"""What a search says, apart from any table."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Operator = Literal["<", "<=", ">", ">="]


class Wildcard(Enum):
    """A place in a pattern that stands for other characters."""

    ANY = "*"
    ONE = "?"


@dataclass(frozen=True)
class Equals:
    """The value itself. Of a phrase the words follow each other."""

    text: str
    phrase: bool = False


@dataclass(frozen=True)
class Like:
    """A value with wildcards."""

    pieces: tuple[str | Wildcard, ...]


@dataclass(frozen=True)
class Order:
    """Values before or after another."""

    operator: Operator
    text: str


@dataclass(frozen=True)
class Exists:
    """Any value at all."""


Test = Equals | Like | Order | Exists


@dataclass(frozen=True)
class Term:
    """A test of one field, of the text as such where field is None. position: 0-based, in the text that was read."""

    field: str | None
    test: Test
    position: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True)
class Not:
    """What the part does not say."""

    part: "Expression"


@dataclass(frozen=True)
class And:
    """What all parts say."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True)
class Or:
    """What any of the parts says."""

    parts: tuple["Expression", ...]


Expression = Term | Not | And | Or


def terms(expression: Expression) -> Iterator[Term]:
    """All terms, from left to right."""
    match expression:
        case Term():
            yield expression
        case Not(part):
            yield from terms(part)
        case And(parts) | Or(parts):
            for each in parts:
                yield from terms(each)
