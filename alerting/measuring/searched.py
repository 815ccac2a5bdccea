"""Logs, spans and traces of the window, aggregated."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from alerting.measurements import Measured
from alerting.measuring.asked import Asked, Unmeasurable
from alerting.measuring.figures import COUNTED, SHARES, Columns, figure, nothing
from alerting.measuring.samples import MOST_SAMPLES, ROWS_SHOWN, Statement, explained, samples_of
from alerting.measuring.subjects import COUNTED_BY_MINUTE, OF_LOGS, Subject
from database.queries import load
from query_api.search.arguments import Arguments
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


async def measure_rows(connection: Any, asked: Asked, question: Question) -> Measured:
    """By the minutes that logs were counted in as they came where that says the same, else by the rows themselves."""
    names = asked.rule.group_by
    first, last = _whole_minutes(asked.since, asked.until)
    if first < last and _counted_by_minute(question, names):
        times: tuple[datetime, ...] = (asked.since, asked.until, first, last)
        template, columns = SQL["logs_counted"], BY_MINUTE
    else:
        times = (asked.since, asked.until)
        template, columns = SQL[f"{question.subject.name}_measured"], question.subject.columns
    whole, part = _search(question, question.whole, asked), _search(question, question.part, asked)
    whole_found, part_found = await whole.found(connection), await part.found(connection)
    arguments = Arguments(times)
    text = template.format(
        labels=labels_sql(question.subject.grouped, names, arguments),
        figure=figure(question.aggregation, columns, part.condition(part_found, arguments), asked),
        matches=whole.condition(whole_found, arguments),
        most=MOST_SAMPLES + 1,
    )
    rows = await connection.fetch(text, *arguments.values)
    measured = samples_of(rows, names, nothing(question.aggregation, asked))
    if question.aggregation == "absence":
        return measured

    def shown(values: Sequence[str]) -> Statement:
        arguments = Arguments((asked.since, asked.until))
        columns = question.subject.columns
        slowest = question.aggregation in (*SHARES, "avg", "max")
        text = SQL[f"{question.subject.name}_shown"].format(
            matches=f"{whole.condition(whole_found, arguments)} AND {part.condition(part_found, arguments)}",
            labels=labels_sql(question.subject.grouped, names, arguments),
            values=arguments.add(list(values), "text[]"),
            order=columns.duration if slowest else columns.time,
            most=ROWS_SHOWN,
        )
        return text, arguments.values

    return await explained(connection, asked, measured, shown)


def _search(question: Question, expression: Expression | None, asked: Asked) -> Search:
    return Search(question.subject.searched, expression, asked.until)


def _counted_by_minute(question: Question, names: Iterable[str]) -> bool:
    fields = {term.field for each in (question.whole, question.part) if each is not None for term in terms(each)}
    counts = question.subject is OF_LOGS and question.aggregation in COUNTED
    return counts and {*fields, *names} <= COUNTED_BY_MINUTE


def _whole_minutes(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Those within the window: from the first one on, before the last one."""
    floor = since.replace(second=0, microsecond=0)
    return floor if floor == since else floor + MINUTE, until.replace(second=0, microsecond=0)
