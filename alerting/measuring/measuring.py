"""What a rule's condition is about, at a time."""

import asyncio
import logging
from datetime import datetime
from typing import Any

import asyncpg
from fastapi.exceptions import RequestValidationError

from alerting.measurements import Failed, Measured, Measurement
from alerting.measuring.asked import Asked, Unmeasurable
from alerting.measuring.fitting import misfits
from alerting.measuring.metric_types import METRIC_TYPES, Measure
from alerting.measuring.reports import REPORTED, measure_reports
from alerting.measuring.sources import SECONDS, Sources
from alerting.rules import Rule
from database.error_line import error_line

log = logging.getLogger(__name__)


async def measure(rule: Rule, sources: Sources, now: datetime) -> Measurement:
    """The rule's value over the window that ends at `now`, for each of its label sets.

    Raises nothing but cancellation, and takes SECONDS at most.
    """
    try:
        return await measured(Asked(rule, now), sources)
    except Unmeasurable as error:
        return Failed(str(error))


async def measured(asked: Asked, sources: Sources) -> Measured:
    """The same; raises Unmeasurable for whatever goes wrong."""
    try:
        async with asyncio.timeout(SECONDS):
            return await _measured(asked, sources)
    except (TimeoutError, asyncpg.QueryCanceledError):
        raise Unmeasurable(f"it took longer than {SECONDS:.0f} s: narrow the search, or shorten the window") from None
    except RequestValidationError as error:
        raise Unmeasurable(error.errors()[0]["msg"]) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Unmeasurable(f"the database: {error_line(error)}") from error
    except Unmeasurable:
        raise
    except Exception as error:
        log.exception("rule %s could not be measured", asked.rule.id)
        raise Unmeasurable(error_line(error)) from error


async def _measured(asked: Asked, sources: Sources) -> Measured:
    if asked.rule.metric_type == REPORTED:
        return await _read(measure_reports, asked, sources)
    metric_type = METRIC_TYPES.get(asked.rule.metric_type)
    if metric_type is None:
        raise Unmeasurable(f"there is no metric type {asked.rule.metric_type}", "metric_type")
    for misfit in misfits(asked.rule, metric_type):
        raise misfit
    if metric_type.measure is None:
        return await sources.custom_sql.measure(asked)
    return await _read(metric_type.measure, asked, sources)


async def _read(measure: Measure, asked: Asked, sources: Sources) -> Measured:
    connection: Any
    async with (
        sources.pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        return await measure(connection, asked)
