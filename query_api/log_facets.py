"""Which levels, services and loggers the logs that match have, and how many each."""

import json
from collections import Counter
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from query_api import slices
from query_api.answers import FAILURES, json_answer
from query_api.log_filters import LogFilters, log_filters
from query_api.parameters import Now, empty_is
from query_api.partial_answers import PartialAnswer, partial
from query_api.slices import Rows
from query_api.snapshot import snapshot

router = APIRouter(prefix="/logs/stats", tags=["logs"], responses=FAILURES)

SECONDS = 1.5
"""So long are rows counted: the counts go with a list, and must not cost more than it."""
COLUMNS = {"level": "level", "service": "service_name", "logger": "logger_name"}

Limit = Annotated[
    Annotated[int, Field(ge=1, le=1000)], empty_is(50), Query(description="Of each field the most frequent so many.")
]


class FacetValue(BaseModel):
    """A value of a field."""

    model_config = ConfigDict(extra="forbid")

    value: str = Field(examples=["checkout"])
    count: int = Field(examples=[812])


class LogFacets(BaseModel):
    """Values of fields among the logs that match, the most frequent first."""

    model_config = ConfigDict(extra="forbid")

    level: list[FacetValue]
    service: list[FacetValue]
    logger: list[FacetValue]
    total: int = Field(examples=[54528], description="Logs counted.")
    partial: PartialAnswer = None


@router.get("/facets", response_model=LogFacets)
async def log_facets(
    request: Request,
    now: Now,
    filters: Annotated[LogFilters, Depends(log_filters)],
    limit: Limit = 50,
) -> Response:
    """How many of the logs that match every given filter have which level, service and logger.

    The newest are counted first, for 1.5 s: `partial` says so where that was not enough for all. Else counts are exact.
    """
    counts: dict[str, Counter[str]] = {name: Counter() for name in COLUMNS}
    async with snapshot(request) as connection:
        found = await filters.search.found(connection)

        def never_enough(rows: Rows) -> bool:
            _add(counts, rows)
            return False

        window = filters.window
        newest = max(min(now, window.latest or now), window.earliest + slices.SHORTEST)
        begins = await slices.newest_first(
            connection,
            window,
            newest,
            lambda part: filters.statement("log_facets", found, part),
            never_enough,
            SECONDS,
        )
    return json_answer(json.dumps(_answer(counts, limit, begins if begins > window.earliest else None)))


def _add(counts: dict[str, Counter[str]], rows: Rows) -> None:
    for row in rows:
        for name, column in COLUMNS.items():
            if row[column] is not None:
                counts[name][row[column]] += row["logs"]


def _answer(counts: dict[str, Counter[str]], limit: int, begins: datetime | None) -> dict[str, object]:
    values = {
        name: [
            {"value": value, "count": logs}
            for value, logs in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:limit]
        ]
        for name, counted in counts.items()
    }
    return {**values, "total": sum(counts["level"].values()), **partial(begins)}
