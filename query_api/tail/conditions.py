"""Many searches against each log in one statement, whose words are taken apart once at most."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from query_api.search.arguments import Arguments
from query_api.search.compiling import has_words
from query_api.search.expression import And, Expression
from query_api.search.kinds import Words
from query_api.search.signals import LOGS, Column
from query_api.search.templates import Template
from query_api.searching import Search

# As the list of logs reads them, but for the words, which no index has yet and the statement in a column of their own.
_MESSAGE = Column(LOGS.words.expression, Words("log.words"))
_PATTERN = Column(LOGS.words.expression, Template())
_LOGS = replace(LOGS, words=_MESSAGE, columns=LOGS.columns | {"message": _MESSAGE, "pattern": _PATTERN})


def tests(searches: Sequence[Search], arguments: Arguments) -> str:
    """SQL: one truth value after the other, whether a log matches."""
    now = datetime.now(UTC)
    # Origins are not looked up before: new ones come with the logs.
    conditions = (replace(search, signal=_LOGS, now=now).condition({}, arguments) for search in searches)
    return ", ".join(f"({condition}) IS TRUE" for condition in conditions)


def wordy(searches: Sequence[Search], arguments: Arguments) -> str:
    """SQL that is true of a log whose words decide on one of the searches."""
    now = datetime.now(UTC)
    rest = (
        replace(search, expression=_without_words(search.expression), now=now).condition({}, arguments)
        for search in searches
        if search.expression is not None and has_words(search.expression, LOGS)
    )
    return " OR ".join(f"({condition})" for condition in rest) or "false"


def _without_words(expression: Expression) -> Expression | None:
    """What must be true beside the words, None where that is nothing."""
    parts = expression.parts if isinstance(expression, And) else (expression,)
    rest = tuple(part for part in parts if not has_words(part, LOGS))
    return And(rest) if rest else None
