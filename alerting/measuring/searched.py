"""Logs, spans and traces of the window, aggregated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerting.measurements import Measured
from alerting.measuring.asked import Asked, Unmeasurable
from alerting.measuring.figures import ABSENCE, COUNTED, SHARES, Columns, figure, nothing
from alerting.measuring.samples import MOST_SAMPLES, ROWS_SHOWN, Row, Statement, explained, samples_of
from alerting.measuring.subjects import COUNTED_BY_MINUTE, OF_LOGS, Subject
from database.queries import load
from query_api.search.arguments import Arguments
from query_api.search.compiling import Found
from query_api.search.errors import SearchError
from query_api.search.expression import And, Expression, terms
from query_api.search.labels import label
from query_api.search.signals import Signal
from query_api.searching import Search, search_of

SQL = load(__package__)

MINUTE = timedelta(minutes=1)
BY_MINUTE = Columns("sum(log.logs)", "log.minute")


@dataclass(frozen=True)
class Question:
    """Of the rows that `whole` finds, those that `part` does, aggregated; None is all of them."""

    subject: Subject
    aggregation: str
    whole: Expression | None = None
    part: Expression | None = None


def expression_of(asked: Asked, field: str, signal: Signal) -> Expression | None:
    """The search in a field of the rule; Unmeasurable for a mistake in it."""
    text: str | None = getattr(asked.rule, field)
    try:
        return search_of(signal, text, asked.until).expression
    except SearchError as error:
        raise Unmeasurable(f"{field}: {error}", field, error.position, error.expected) from None


def both(*expressions: Expression | None) -> Expression | None:
    """What all of them say."""
    parts = tuple(part for part in expressions if part is not None)
    return And(parts) if len(parts) > 1 else next(iter(parts), None)


def labels_sql(signal: Signal, names: Sequence[str], arguments: Arguments) -> str:
    """The values of the fields that rows are grouped by, empty where there is none."""
    try:
        values = ", ".join(f"coalesce({label(signal, name, arguments)}, '')" for name in names)
    except SearchError as error:
        raise Unmeasurable(f"group_by: {error}", "group_by") from None
    return f"ARRAY[{values}]::text[]"


@dataclass(frozen=True)
class _Reading:
    """The statements that answer a question; found: the origins that its searches ask for."""

    asked: Asked
    question: Question
    whole: Search
    part: Search
    found: Found

    @property
    def beginnings(self) -> Sequence[datetime]:
        """From when on rows are read, one after the other until there are any: what is not absent came lately."""
        begins = self.asked.since
        lately = self.asked.until - MINUTE
        return (
            [lately, begins]
            if self.question.aggregation == ABSENCE and not self._names and lately > begins
            else [begins]
        )

    def measured(self, since: datetime) -> Statement:
        """By the minutes that logs were counted in as they came where these say the same, else by the rows."""
        first, last = _whole_minutes(since, self.asked.until)
        if first < last and _counted_by_minute(self.question, self._names):
            arguments = Arguments((since, self.asked.until, first, last))
            template, columns = SQL["logs_counted"], BY_MINUTE
        else:
            arguments = Arguments((since, self.asked.until))
            template, columns = SQL[f"{self._subject.name}_measured"], self._subject.columns
        part = self.part.condition(self.found, arguments)
        text = template.format(
            labels=self._labels(arguments),
            figure=figure(self.question.aggregation, columns, part, self.asked),
            matches=self.whole.condition(self.found, arguments),
            most=MOST_SAMPLES + 1,
        )
        return text, arguments.values

    def shown(self, values: Sequence[str]) -> Statement:
        """The newest rows of a label set, or the slowest where it is about durations."""
        arguments = Arguments((self.asked.since, self.asked.until))
        columns = self._subject.columns
        of_durations = self.question.aggregation in (*SHARES, "avg", "max")
        both = (search.condition(self.found, arguments) for search in (self.whole, self.part))
        text = SQL[f"{self._subject.name}_shown"].format(
            matches=" AND ".join(both),
            labels=self._labels(arguments),
            values=arguments.add(list(values), "text[]"),
            order=columns.duration if of_durations else columns.time,
            most=ROWS_SHOWN,
        )
        return text, arguments.values

    @property
    def _subject(self) -> Subject:
        return self.question.subject

    @property
    def _names(self) -> Sequence[str]:
        return self.asked.rule.group_by

    def _labels(self, arguments: Arguments) -> str:
        return labels_sql(self._subject.grouped, self._names, arguments)


async def measure_rows(connection: Any, asked: Asked, question: Question) -> Measured:
    """With rows beside the samples that meet the condition, but of an absence."""
    reading = await _reading(connection, asked, question)
    rows: Sequence[Row] = ()
    for since in reading.beginnings:
        text, arguments = reading.measured(since)
        if rows := await connection.fetch(text, *arguments):
            break
    measured = samples_of(rows, asked.rule.group_by, nothing(question.aggregation, asked))
    return measured if question.aggregation == ABSENCE else await explained(connection, asked, measured, reading.shown)


async def _reading(connection: Any, asked: Asked, question: Question) -> _Reading:
    whole, part = (
        Search(question.subject.searched, expression, asked.until) for expression in (question.whole, question.part)
    )
    found = {**await whole.found(connection), **await part.found(connection)}
    return _Reading(asked, question, whole, part, found)


def _counted_by_minute(question: Question, names: Iterable[str]) -> bool:
    fields = {term.field for each in (question.whole, question.part) if each is not None for term in terms(each)}
    counts = question.subject is OF_LOGS and question.aggregation in COUNTED
    return counts and {*fields, *names} <= COUNTED_BY_MINUTE


def _whole_minutes(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Those within the window: from the first one on, before the last one."""
    floor = since.replace(second=0, microsecond=0)
    return floor if floor == since else floor + MINUTE, until.replace(second=0, microsecond=0)
