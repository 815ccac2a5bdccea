"""GET /metrics/catalogue and /metrics/attributes: which metrics there are, and what their series differ in."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as Parameter
from pydantic import Field

from database.queries import load
from query_api.answers import FAILURES, json_answer, json_array
from query_api.metrics.models import MetricAttributes, MetricCatalogue
from query_api.metrics.series import MOST_SERIES, SEEN_LATE, MetricName, earlier
from query_api.parameters import Offset, empty_is
from query_api.search import naming
from query_api.search.arguments import Arguments
from query_api.search.signals import METRICS
from query_api.searching import Search, search_of_metrics
from query_api.snapshot import snapshot
from query_api.window import Window, window

SQL = load("query_api")
router = APIRouter(prefix="/metrics", tags=["metrics"], responses=FAILURES)

MOST_SERVICES = 100

Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(100), Parameter()]
ValueLimit = Annotated[
    Annotated[int, Field(ge=1, le=100)],
    empty_is(10),
    Parameter(alias="values", description="Values of each attribute."),
]


@router.get("/catalogue", response_model=MetricCatalogue)
async def catalogue(
    request: Request,
    window: Annotated[Window, Depends(window)],
    search: Annotated[Search, Depends(search_of_metrics)],
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """The metrics seen in the window, two days more at its beginning, by name.

    Words in `q` are parts of the name: `q=http service:shop`. Only series that match are counted. Further fields are
    `metric.name`, `metric.type`, `metric.unit`, and attributes of series, resource and scope.
    """
    arguments = Arguments((earlier(window.earliest, SEEN_LATE), window.latest, limit, offset, MOST_SERVICES))
    async with snapshot(request) as connection:
        matches = search.condition(await search.found(connection), arguments)
        rows = await connection.fetch(SQL["metric_catalogue"].format(matches=matches), *arguments.values)
    items = json_array(row["item"] for row in rows if row["item"] is not None)
    total = rows[0]["total"]
    return json_answer(f'{{"metrics":{items},"total":{total},"limit":{limit},"offset":{offset}}}')


@router.get("/attributes", response_model=MetricAttributes)
async def attributes(
    request: Request,
    name: MetricName,
    window: Annotated[Window, Depends(window)],
    search: Annotated[Search, Depends(search_of_metrics)],
    limit: Limit = 100,
    values: ValueLimit = 10,
) -> Response:
    """What series of a metric differ in: their attributes and those of resources and scopes, with counts of values.

    Of series seen in the window, two days more at its beginning, and of 10,000 at most.
    """
    arguments = Arguments((name, earlier(window.earliest, SEEN_LATE), window.latest, MOST_SERIES, limit, values))
    async with snapshot(request) as connection:
        matches = search.condition(await search.found(connection), arguments)
        rows = await connection.fetch(SQL["metric_attributes"].format(matches=matches), *arguments.values)
    answer = {
        "name": name,
        "series": rows[0]["total"],
        "cut": rows[0]["cut"],
        "attributes": [
            {
                "name": naming.name_of(METRICS, row["place"], row["key"]),
                "place": row["place"],
                "series": row["series"],
                "values": row["values"],
                "most": [
                    {"value": value, "series": count} for value, count in zip(row["most"], row["counts"], strict=True)
                ],
            }
            for row in rows
            if row["key"] is not None
        ],
    }
    return json_answer(json.dumps(answer))
