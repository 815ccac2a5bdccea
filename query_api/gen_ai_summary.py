"""A summary over time and by group, as the queries of language models and retrievals give it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any

from fastapi import Depends, Query
from fastapi.exceptions import RequestValidationError
from pydantic import Field

from database.ranges import EPOCH
from query_api.parameters import Now, empty_is
from query_api.steps import step_for
from query_api.window import Window, window

MOST_STEPS = 1000
# Columns that go by another name in the API.
COLUMNS = {"service": "service_name", "user": "user_email", "session": "session_id"}
# What says where a row of the query belongs; everything else is a figure.
PLACES = ("of_group", "of_step", "others", "group", "step")

Groups = Annotated[
    Annotated[int, Field(ge=1, le=100)], empty_is(20), Query(description="How many groups; the rest is in `others`.")
]
Step = Annotated[
    Annotated[int, Field(ge=1, le=366 * 86_400)] | None,
    empty_is(None),
    Query(description=f"Seconds, at most {MOST_STEPS} steps; by itself the least that makes no more than 120."),
]


@dataclass(frozen=True)
class Steps:
    """A window with an end, and the length of its steps in seconds."""

    earliest: datetime
    latest: datetime
    step: int


async def steps(now: Now, window: Annotated[Window, Depends(window)], step: Step = None) -> Steps:
    """What a request asks for; 422 for too many steps."""
    earliest, latest = window.earliest, window.latest or now
    if step is not None and (latest - earliest) / timedelta(seconds=step) > MOST_STEPS:
        message = f"must leave no more than {MOST_STEPS} steps"
        raise RequestValidationError([{"type": "step", "loc": ("query", "step"), "msg": message, "input": step}])
    return Steps(earliest, latest, step or step_for(latest - earliest))


def column_of(group_by: Enum) -> str:
    """The column of the views that a choice of the API, which MUST NOT be free text, stands for."""
    name: str = group_by.value
    return COLUMNS.get(name, name)


def summary(over: Steps, group_by: str, rows: Sequence[Mapping[str, Any]], cache: Mapping[str, Any]) -> dict[str, Any]:
    """The answer. rows: one for all, and one for each step, group, and step of a group; groups in their order."""
    found = [dict(row) for row in rows]
    others = [row for row in found if row["of_group"] and row["others"] and not row["of_step"]]
    shown = [row for row in found if row["of_group"] and not row["others"]]
    (total,) = [row for row in found if not row["of_group"] and not row["of_step"]]
    return {
        "from": over.earliest.isoformat(),
        "to": over.latest.isoformat(),
        "step_seconds": over.step,
        "group_by": group_by,
        "totals": _figures(total) | {"steps": _steps(over, (row for row in found if not row["of_group"]))},
        "groups": [
            _figures(row)
            | {"group": row["group"]}
            | {"steps": _steps(over, (other for other in shown if other["group"] == row["group"]))}
            for row in shown
            if not row["of_step"]
        ],
        "others": _figures(others[0]) if others else None,
        "cache": dict(cache),
    }


def _steps(over: Steps, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The first begins with the window."""
    length = timedelta(seconds=over.step)
    first = (over.earliest - EPOCH) // length
    return [
        _figures(row) | {"time": (over.earliest if row["step"] == first else EPOCH + row["step"] * length).isoformat()}
        for row in rows
        if row["of_step"]
    ]


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in PLACES}
