"""The series of a metric that a request is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field

from database.queries import load
from query_api.parameters import without_nul
from query_api.search.arguments import Arguments
from query_api.search.labels import label
from query_api.search.signals import METRICS
from query_api.searching import Search

SQL = load("query_api")

MOST_SERIES = 10_000
# Writers say once a day that a series still lives, and a sender's clock may be ahead.
SEEN_LATE = timedelta(days=2)

MetricName = Annotated[
    str,
    AfterValidator(without_nul),
    Field(min_length=1, max_length=1000),
    Query(description="The metric's whole name.", examples=["http.server.request.duration"]),
]


@dataclass(frozen=True)
class Series:
    """One series, with its values of the labels that were asked for."""

    id: int
    type: str
    unit: str
    temporality: str | None
    monotonic: bool | None
    labels: tuple[str | None, ...]


async def matching(connection: Any, name: str, search: Search, by: Sequence[str], since: datetime) -> list[Series]:
    """All series of the metric that match and may have points since then; 422 where they are more than MOST_SERIES."""
    arguments = Arguments((name, earlier(since, SEEN_LATE), MOST_SERIES + 1))
    labels = ", ".join(label(METRICS, each, arguments) for each in by)
    matches = search.condition(await search.found(connection), arguments)
    query = SQL["metric_series_matching"].format(labels=labels, matches=matches)
    rows = await connection.fetch(query, *arguments.values)
    if len(rows) > MOST_SERIES:
        raise too_much(f"more than {MOST_SERIES} series match; narrow them with `q`", name)
    return [
        Series(row["id"], row["type"], row["unit"], row["temporality"], row["monotonic"], tuple(row["labels"]))
        for row in rows
    ]


def earlier(moment: datetime, by: timedelta) -> datetime:
    """That much before, or the beginning of time."""
    floor = datetime.min.replace(tzinfo=moment.tzinfo)
    return moment - by if moment - floor > by else floor


def too_much(message: str, name: str) -> RequestValidationError:
    """422: the request is understood, but what it asks for is beyond a bound."""
    return RequestValidationError([{"type": "too_much", "loc": ("query", "name"), "msg": message, "input": name}])
