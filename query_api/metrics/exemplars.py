"""GET /metrics/exemplars: observations of a metric that lead to traces."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from database.queries import load
from query_api.answers import FAILURES, json_answer, json_array
from query_api.metrics.models import MetricExemplars
from query_api.metrics.series import MetricName, matching
from query_api.parameters import Now, empty_is
from query_api.searching import Search, search_of_metrics
from query_api.snapshot import snapshot
from query_api.window import Window, window

SQL = load("query_api")
router = APIRouter(prefix="/metrics", tags=["metrics"], responses=FAILURES)

Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(100), Query()]


@router.get("/exemplars", response_model=MetricExemplars)
async def exemplars(
    request: Request,
    now: Now,
    name: MetricName,
    window: Annotated[Window, Depends(window)],
    search: Annotated[Search, Depends(search_of_metrics)],
    limit: Limit = 100,
) -> Response:
    """The newest exemplars of a metric in a window of its points, newest first, each once; those with a trace only."""
    async with snapshot(request) as connection:
        series = await matching(connection, name, search, (), window.earliest)
        ids = [each.id for each in series]
        rows = await connection.fetch(SQL["metric_exemplars"], ids, window.earliest, window.latest, limit + 1)
    items = json_array(row["item"] for row in rows[:limit])
    cut = "true" if len(rows) > limit else "false"
    return json_answer(f'{{"exemplars":{items},"limit":{limit},"cut":{cut}}}')
