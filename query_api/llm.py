"""Calls of language models: what they cost, took and failed, and the calls themselves."""

import json
import re
from dataclasses import astuple, dataclass
from enum import Enum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, Field

from database.queries import load
from query_api.answers import FAILURES, json_answer, json_array
from query_api.cursor import LEAST_TEXT, decode
from query_api.gen_ai_models import LlmCalls, LlmSummary
from query_api.gen_ai_summary import Groups, Steps, column_of, steps, summary
from query_api.pages import Asked, Page, page_answer
from query_api.parameters import Now, Offset, Text, empty_is
from query_api.snapshot import snapshot
from query_api.window import Window, window

SQL = load(__package__)
router = APIRouter(prefix="/llm", tags=["llm"], responses=FAILURES)

CALL_ID = re.compile(r"[^\0]{2,48}", re.DOTALL)


class LlmGroupBy(Enum):
    MODEL = "model"
    PROVIDER = "provider"
    OPERATION = "operation"
    SERVICE = "service"
    USER = "user"
    DEPARTMENT = "department"
    SESSION = "session"


class LlmOrder(Enum):
    NEWEST = "newest"
    SLOWEST = "slowest"
    DEAREST = "dearest"


ORDERS = {
    LlmOrder.NEWEST: "",
    LlmOrder.SLOWEST: "latency_ms DESC NULLS LAST, ",
    LlmOrder.DEAREST: "cost_usd DESC NULLS LAST, ",
}


def _check_cursor(text: str | None) -> str | None:
    decode(text, CALL_ID)
    return text


CallCursor = Annotated[
    str | None,
    AfterValidator(_check_cursor),
    empty_is(None),
    Query(description="The `next_cursor` of the page before."),
]
GroupBy = Annotated[Annotated[LlmGroupBy, empty_is(LlmGroupBy.MODEL)], Query()]
Limit = Annotated[Annotated[int, Field(ge=1, le=200)], empty_is(50), Query()]
Order = Annotated[
    Annotated[LlmOrder, empty_is(LlmOrder.NEWEST)],
    Query(description="Which calls come first. Only the newest are paged by `cursor`, others by `offset`."),
]
Errors = Annotated[
    bool | None, empty_is(None), Query(description="Only calls that failed, or only those that did not.")
]


@dataclass(frozen=True)
class CallFilters:
    """Calls match when they match all that is not None."""

    model: Text = None
    provider: Text = None
    operation: Text = None
    service: Text = None
    user_email: Text = None
    department: Text = None


@router.get("/summary", response_model=LlmSummary)
async def llm_summary(
    request: Request,
    over: Annotated[Steps, Depends(steps)],
    filters: Annotated[CallFilters, Depends()],
    group_by: GroupBy = LlmGroupBy.MODEL,
    groups: Groups = 20,
) -> Response:
    """Cost, tokens, latency and errors of calls of models, by group and over time, up to now unless `to` is given.

    All figures are exact and equal those of `enterprise.llm_call_metrics`, which is up to ten seconds behind the spans.
    Of calls within one another only the innermost count.
    """
    query = SQL["llm_summary"].format(group_by=column_of(group_by))
    between = over.earliest, over.latest
    async with snapshot(request) as connection:
        rows = await connection.fetch(query, *between, over.step, groups, *astuple(filters))
        cache = await connection.fetchrow(
            SQL["cache_figures"], *between, filters.service, filters.user_email, filters.department
        )
    return json_answer(json.dumps(summary(over, group_by.value, rows, cache)))


@router.get("/calls", response_model=LlmCalls)
async def llm_calls(
    request: Request,
    now: Now,
    window: Annotated[Window, Depends(window)],
    filters: Annotated[CallFilters, Depends()],
    limit: Limit = 50,
    offset: Offset = 0,
    cursor: CallCursor = None,
    order: Order = LlmOrder.NEWEST,
    session_id: Text = None,
    error: Errors = None,
) -> Response:
    """The calls of models that match every given filter: the newest first, or the slowest or dearest."""
    if cursor and order is not LlmOrder.NEWEST:
        message = "leads on from the newest calls only; take `offset`"
        raise RequestValidationError([{"type": "cursor", "loc": ("query", "cursor"), "msg": message, "input": cursor}])
    asked = Asked(window, now, decode(cursor, CALL_ID), limit, offset)
    after = asked.after
    page = (session_id, error, after and after.time, after and after.id, limit, offset)
    async with snapshot(request) as connection:
        query = SQL["llm_calls"].format(order=ORDERS[order])
        rows = await connection.fetch(query, window.earliest, window.latest, *astuple(filters), *page)
    if order is not LlmOrder.NEWEST:
        calls = json_array(row["item"] for row in rows)
        return json_answer(f'{{"calls":{calls},"limit":{limit},"offset":{offset},"next_cursor":null}}')
    return page_answer("calls", Page(rows), asked, LEAST_TEXT, offset=offset)
