"""Retrievals: what they took and found."""

import json
from enum import Enum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from database.queries import load
from query_api.answers import FAILURES, json_answer
from query_api.gen_ai_models import RagSummary
from query_api.gen_ai_summary import Groups, Steps, column_of, steps, summary
from query_api.parameters import Text, empty_is
from query_api.snapshot import snapshot

SQL = load(__package__)
router = APIRouter(prefix="/rag", tags=["llm"], responses=FAILURES)


class RagGroupBy(Enum):
    DATA_SOURCE = "data_source"
    OPERATION_NAME = "operation_name"
    SERVICE = "service"
    USER = "user"
    DEPARTMENT = "department"


GroupBy = Annotated[Annotated[RagGroupBy, empty_is(RagGroupBy.DATA_SOURCE)], Query()]


@router.get("/summary", response_model=RagSummary)
async def rag_summary(
    request: Request,
    over: Annotated[Steps, Depends(steps)],
    group_by: GroupBy = RagGroupBy.DATA_SOURCE,
    groups: Groups = 20,
    data_source: Text = None,
    service: Text = None,
    user_email: Text = None,
    department: Text = None,
) -> Response:
    """Time, errors and documents of retrievals, by group and over time, up to now unless `to` is given.

    All figures are exact and equal those of `enterprise.rag_metrics`, which is up to ten seconds behind the spans. Of
    retrievals within one another only the outermost counts.
    """
    query = SQL["rag_summary"].format(group_by=column_of(group_by))
    between = over.earliest, over.latest
    async with snapshot(request) as connection:
        rows = await connection.fetch(query, *between, over.step, groups, data_source, service, user_email, department)
        cache = await connection.fetchrow(SQL["cache_figures"], *between, service, user_email, department)
    return json_answer(json.dumps(summary(over, group_by.value, rows, cache)))
