"""POST /alerts/rules/preview: what a rule would have measured, before it is kept."""

from datetime import datetime, timedelta
from math import isfinite

from fastapi import APIRouter, HTTPException, Request
from fastapi.exceptions import RequestValidationError

from alerting.api.preview_models import Preview, PreviewAnswer, PreviewFailure, PreviewSeries
from alerting.api.rule_trials import refused
from alerting.keeping.rule_checks import as_rule, mistakes
from alerting.measurements import Failed
from alerting.measuring.previewing import measurements, series_of
from query_api.answers import FAILURES, Failure
from query_api.departure import while_awaited
from query_api.moments import moment
from query_api.parameters import Now
from query_api.partial_answers import Partial
from query_api.steps import MOST_BY_DEFAULT, step_for

router = APIRouter(prefix="/rules", tags=["alerts"], responses=FAILURES)

MOST_STEPS = MOST_BY_DEFAULT
MOST_SERIES = 100
LONGEST = timedelta(days=31)
BUSY = "Other previews are being made; try again shortly"


@router.post(
    "/preview",
    response_model=PreviewAnswer,
    responses={429: {"model": Failure, "description": "Other previews are being made"}},
)
async def preview(request: Request, given: Preview, now: Now) -> PreviewAnswer:
    """Measures a rule at past times, as its evaluations would have, the newest first. Nothing is kept and nobody told.

    It answers in part, and says so by `partial`, where time does not suffice for all of them.
    """
    fields = given.rule.definition.model_dump()
    if found := mistakes(fields, now):
        raise refused(found, fields)
    rule = as_rule(fields)
    times, step = _times(given, now)
    sources = request.app.state.sources
    if sources.previews.locked():
        raise HTTPException(429, BUSY)
    async with sources.previews, while_awaited(request):
        outcomes = await measurements(rule, times, sources)
    tried = times[: len(outcomes)][::-1]
    outcomes.reverse()
    series = series_of(rule, outcomes)
    return PreviewAnswer(
        step_seconds=step,
        times=tried,
        label_sets=len(series),
        series=[
            PreviewSeries(labels=dict(each.labels), values=[*map(_finite, each.values)], met=list(each.met))
            for each in series[:MOST_SERIES]
        ],
        failures=[
            PreviewFailure(time=time, error=outcome.error)
            for time, outcome in zip(tried, outcomes, strict=True)
            if isinstance(outcome, Failed)
        ],
        partial=Partial(searched_from=tried[0]) if len(tried) < len(times) else None,
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def _times(given: Preview, now: datetime) -> tuple[list[datetime], int]:
    """The newest first, and the seconds between them."""
    earliest, latest = _moment("from", given.earliest, now), _moment("to", given.latest, now)
    if not timedelta(0) <= latest - earliest <= LONGEST:
        raise _mistaken("to", f"must be later than `from`, by {LONGEST.days} days at most", given.latest)
    step = given.step_seconds or step_for(latest - earliest)
    steps = (latest - earliest) // timedelta(seconds=step) + 1
    if steps > MOST_STEPS:
        raise _mistaken("step_seconds", f"{steps} steps are more than {MOST_STEPS}", step)
    return [latest - number * timedelta(seconds=step) for number in range(steps)], step


def _moment(name: str, text: str, now: datetime) -> datetime:
    try:
        return moment(text, now)
    except ValueError as error:
        raise _mistaken(name, str(error), text) from None


def _mistaken(name: str, message: str, value: object) -> RequestValidationError:
    return RequestValidationError([{"type": "time", "loc": ("body", name), "msg": message, "input": value}])
