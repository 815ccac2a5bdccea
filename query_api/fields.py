"""What can be searched by: fields and their values, from the counts of attributes seen."""

import json
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AfterValidator, Field

from database.queries import load
from database.ranges import DAY, midnight
from query_api.answers import FAILURES, NO_PATH, json_answer
from query_api.models import FieldList, FieldValues
from query_api.parameters import Now, Text, empty_is, without_nul
from query_api.search import naming
from query_api.search.naming import Counted
from query_api.snapshot import snapshot
from query_api.window import Window, window

SQL = load(__package__)
router = APIRouter(prefix="/fields", tags=["fields"], responses=FAILURES)

MOST_DAYS = 400
ALL_SERVICES = ""
LONGEST_SERVICE = 200
# Columns of spans and traces whose values enterprise.operations has, under the same names.
OF_OPERATIONS = ("operation_name", "service_name")


class SignalName(Enum):
    LOGS = "logs"
    SPANS = "spans"
    TRACES = "traces"


SignalOf = Annotated[
    Annotated[SignalName, empty_is(SignalName.LOGS)],
    Query(description="Whose fields; those of traces are their own and those of their spans."),
]
Prefix = Annotated[Text, Query(description="How it begins, in any case.", examples=["http."])]
Service = Annotated[Text, Query(description="Rows of this service only.", examples=["shop"])]
Limit = Annotated[Annotated[int, Field(ge=1, le=1000)], empty_is(100), Query()]
Name = Annotated[
    str,
    AfterValidator(without_nul),
    Path(description="A field's name as a search has it, without backslashes.", examples=["http.route"]),
]


@router.get("", response_model=FieldList)
async def fields(
    request: Request,
    now: Now,
    window: Annotated[Window, Depends(window)],
    signal: SignalOf = SignalName.LOGS,
    prefix: Prefix = None,
    service: Service = None,
    limit: Limit = 100,
) -> Response:
    """The fields that a search can name: columns first, then the attributes that rows carry, the most seen first.

    Attributes are counted in a sample of the rows, half a minute after they came, by whole days in UTC. While few rows
    come (100 a second of a signal) all are read and the counts are exact. Else they are estimates: of a field sampled n
    times, 95 of 100 are within 200/√n percent. A key in one of 10,000 rows is found within minutes.
    """
    of = naming.SIGNALS[signal.value]
    columns = naming.columns(of, prefix or "")
    keys = naming.key_prefixes(prefix or "")
    async with snapshot(request) as connection:
        rows = await connection.fetch(
            SQL["fields_seen"],
            naming.counted_in(of),
            _service(service),
            _days(window, now),
            keys["item"],
            keys["resource"],
            keys["scope"],
            limit + len(of.columns),
        )
    seen = {Counted(row["signal"], row["place"], row["key"]): row for row in rows}
    found = [_field(name, "column", [type_], seen.get(where)) for name, (where, type_) in columns.items()] + [
        _field(naming.name_of(of, row["place"], row["key"]), row["place"], row["types"], row)
        for row in rows
        if row["place"] != "column"
    ]
    return json_answer(json.dumps({"fields": found[:limit], "limit": limit}))


@router.get("/{name:path}/values", response_model=FieldValues, responses=NO_PATH)
async def field_values(
    request: Request,
    now: Now,
    name: Name,
    window: Annotated[Window, Depends(window)],
    signal: SignalOf = SignalName.LOGS,
    prefix: Prefix = None,
    service: Service = None,
    limit: Limit = 100,
) -> Response:
    """The values seen most of a field, wherever a search for that name looks; none of a field that nobody knows.

    Counted as fields are. A key keeps 100 values a day and service, and a hundred over all services; one with more is
    marked: what is seen rarely is missing then, and what comes once, like an id, is not kept at all while much comes.
    Texts, numbers, true and false are values; lists and objects have none.
    """
    of = naming.SIGNALS[signal.value]
    counted = naming.counted(of, name)
    wanted = (
        [where.signal for where in counted],
        [where.place for where in counted],
        [where.key for where in counted],
        _service(service),
        _days(window, now),
    )
    async with snapshot(request) as connection:
        rows = await connection.fetch(SQL["values_seen"], *wanted, prefix or "", limit)
        many = await connection.fetchval(SQL["many_values"], *wanted)
        known = await _known(connection, counted, window.earliest, service, prefix or "", limit)
    known += [value for value in naming.choices(of, name) if value.lower().startswith((prefix or "").lower())]
    values = [{"value": row["value"], "cut": row["cut"], **_counts(row)} for row in rows] + [
        {"value": value, "cut": False, **_counts(None)}
        for value in known
        if value not in {row["value"] for row in rows}
    ]
    return json_answer(json.dumps({"name": name, "high_cardinality": many, "values": values[:limit], "limit": limit}))


async def _known(
    connection: Any, counted: list[Counted], since: datetime, service: str | None, prefix: str, limit: int
) -> list[str]:
    """Names that the rollups of operations have, sampled or not."""
    first = counted[0]
    if first.place != "column" or first.signal == "logs" or first.key not in OF_OPERATIONS:
        return []
    query = SQL["operations_seen"].format(column=first.key)
    return [row["value"] for row in await connection.fetch(query, since, service, prefix, limit)]


def _field(name: str, place: str, types: list[str], row: Any) -> dict[str, object]:
    many = bool(row and row["many_values"])
    return {"name": name, "place": place, "types": types, "high_cardinality": many, **_counts(row)}


def _counts(row: Any) -> dict[str, object]:
    if row is None:
        return {"seen": None, "estimated": False, "sampled": 0, "last_seen": None}
    return {
        "seen": row["seen"],
        "estimated": row["seen"] != row["sampled"],
        "sampled": row["sampled"],
        "last_seen": row["last_seen"].isoformat(),
    }


def _service(service: str | None) -> str:
    return service[:LONGEST_SERVICE] if service else ALL_SERVICES


def _days(window: Window, now: datetime) -> list[datetime]:
    """The midnights of the window's days up to now, at most the last MOST_DAYS."""
    first = midnight(max(window.earliest, now - MOST_DAYS * DAY))
    last = min(window.latest - timedelta(microseconds=1), now) if window.latest else now
    return [first + number * DAY for number in range((last - first) // DAY + 1)]
