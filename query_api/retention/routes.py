"""/api/retention: what is kept how long, pins, rules and deletions."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request

from access.api.acting import by
from access.guards import needs
from access.principals import Role
from query_api.answers import FAILURES, NOT_FOUND, REFUSED, UNREADABLE, Failure, Responses
from query_api.parameters import LARGEST_BIGINT, TraceId
from query_api.retention import deletions, pins, rules
from query_api.retention.models import (
    AllDeletions,
    Deletion,
    NewPin,
    NewRetentionRule,
    Pin,
    Pins,
    RetentionRule,
    RetentionRules,
    RetentionState,
    Sought,
)
from query_api.retention.state import Kept, state
from query_api.snapshot import change, snapshot

router = APIRouter(prefix="/api/retention", tags=["retention"], dependencies=[needs(Role.VIEWER)], responses=FAILURES)
FULL: Responses = {409: {"model": Failure, "description": "There are too many, or this one is there already"}}
CHANGED = UNREADABLE | REFUSED | FULL
FOR_EDITORS, FOR_ADMINS = [needs(Role.EDITOR)], [needs(Role.ADMIN)]

Id = Annotated[int, Path(ge=1, le=LARGEST_BIGINT, examples=[1])]


@router.get("", response_model=RetentionState)
async def retention_state(request: Request) -> RetentionState:
    """What is kept of each signal, by what rule, what goes next, and how the last run went."""
    kept: Kept = request.app.state.kept
    async with snapshot(request) as connection:
        return RetentionState(**await state(connection, kept))


@router.get("/pins", response_model=Pins)
async def all_pins(request: Request) -> Pins:
    """Pinned traces, the newest first."""
    async with snapshot(request) as connection:
        return Pins(pins=[Pin(**row) for row in await pins.pins(connection)])


@router.put("/pins/{trace_id}", response_model=Pin, dependencies=FOR_EDITORS, responses=NOT_FOUND | CHANGED)
async def pin_trace(request: Request, trace_id: TraceId, given: NewPin) -> Pin:
    """Keeps a trace with its spans and logs beyond its time. One that is pinned already stays as it is."""
    try:
        async with change(request) as connection:
            return Pin(**await pins.pin(connection, trace_id, given.why, by(request)))
    except pins.UnknownTrace:
        raise HTTPException(404, "Trace not found") from None
    except pins.TooMuch:
        most = f"{pins.MOST_PINS} traces of {pins.MOST_ROWS} spans and logs"
        raise HTTPException(409, f"No more than {most} can be pinned together; unpin some first") from None


@router.delete("/pins/{trace_id}", response_model=Pin, dependencies=FOR_EDITORS, responses=NOT_FOUND | REFUSED)
async def unpin_trace(request: Request, trace_id: TraceId) -> Pin:
    """Lets a trace go with its time; at once, where that is over."""
    async with change(request) as connection:
        return Pin(**_found(await pins.unpin(connection, trace_id, by(request)), "pin"))


@router.get("/rules", response_model=RetentionRules)
async def all_rules(request: Request) -> RetentionRules:
    """Rules that let services or levels go before the rest of their signal."""
    async with snapshot(request) as connection:
        return RetentionRules(rules=[RetentionRule(**row) for row in await rules.rules(connection)])


@router.post("/rules", response_model=RetentionRule, status_code=201, dependencies=FOR_ADMINS, responses=CHANGED)
async def add_rule(request: Request, given: NewRetentionRule) -> RetentionRule:
    """Lets a service or a level go earlier, from the next run on. A rule cannot keep anything longer."""
    try:
        async with change(request) as connection:
            return RetentionRule(**await rules.add(connection, given, by(request)))
    except rules.RuleExists:
        raise HTTPException(409, "There is a rule for this already; remove it first") from None
    except rules.TooMany:
        raise HTTPException(409, f"There are {rules.MOST_RULES} rules already; remove some first") from None


@router.delete("/rules/{rule_id}", response_model=RetentionRule, dependencies=FOR_ADMINS, responses=NOT_FOUND | REFUSED)
async def remove_rule(request: Request, rule_id: Id) -> RetentionRule:
    """Removes a rule; what it let go is gone."""
    async with change(request) as connection:
        return RetentionRule(**_found(await rules.remove(connection, rule_id, by(request)), "rule"))


@router.get("/deletions", response_model=AllDeletions, dependencies=FOR_ADMINS, responses=REFUSED)
async def all_deletions(request: Request) -> AllDeletions:
    """The newest hundred deletions, the newest first. What they sought is told by digests."""
    async with snapshot(request) as connection:
        return AllDeletions(deletions=[Deletion(**row) for row in await deletions.deletions(connection)])


@router.post("/deletions", response_model=Deletion, status_code=202, dependencies=FOR_ADMINS, responses=CHANGED)
async def ask_for_deletion(request: Request, sought: Sought) -> Deletion:
    """Has counted what would be deleted. Nothing goes until that is confirmed, within a day."""
    try:
        async with change(request) as connection:
            return Deletion(**await deletions.ask(connection, sought, by(request)))
    except deletions.TooMany:
        raise HTTPException(409, f"{deletions.MOST_OPEN} deletions are open; cancel some first") from None


@router.get("/deletions/{deletion_id}", response_model=Deletion, dependencies=FOR_ADMINS, responses=NOT_FOUND | REFUSED)
async def deletion(request: Request, deletion_id: Id) -> Deletion:
    """How far a deletion is."""
    async with snapshot(request) as connection:
        return Deletion(**_found(await deletions.deletion_by_id(connection, deletion_id), "deletion"))


@router.post(
    "/deletions/{deletion_id}/confirm", response_model=Deletion, dependencies=FOR_ADMINS, responses=NOT_FOUND | REFUSED
)
async def confirm_deletion(request: Request, deletion_id: Id) -> Deletion:
    """Has what was counted deleted, and what came since. 404: there is no deletion of this id that is counted."""
    async with change(request) as connection:
        return Deletion(**_found(await deletions.confirm(connection, deletion_id, by(request)), "counted deletion"))


@router.delete(
    "/deletions/{deletion_id}", response_model=Deletion, dependencies=FOR_ADMINS, responses=NOT_FOUND | REFUSED
)
async def cancel_deletion(request: Request, deletion_id: Id) -> Deletion:
    """Stops a deletion that is not done. What is deleted by then is gone."""
    async with change(request) as connection:
        return Deletion(**_found(await deletions.cancel(connection, deletion_id, by(request)), "open deletion"))


def _found(row: dict[str, Any] | None, what: str) -> dict[str, Any]:
    if row is None:
        raise HTTPException(404, f"There is no such {what}")
    return row
