"""Any metric, aggregated over the window as the read API does over a step."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from alerting.measurements import Measured
from alerting.measuring.asked import Asked, Unmeasurable
from alerting.measuring.figures import ABSENCE
from alerting.measuring.samples import MOST_SAMPLES, samples_of
from alerting.measuring.searched import expression_of
from database.queries import load
from query_api.metrics.aggregation import Aggregation, obstacle
from query_api.metrics.frame import Frame
from query_api.metrics.resolution import Reach, Resolution, Segment, aligned, reach
from query_api.metrics.series import Series, matching
from query_api.metrics.values import read
from query_api.search.signals import METRICS
from query_api.searching import Search
from query_api.steps import MINUTE

SQL = load(__package__)
AGGREGATIONS = (*(each.value for each in Aggregation), ABSENCE)


async def measure_metric(connection: Any, asked: Asked) -> Measured:
    """A value for each label set that has points in the window; of an absence, for each that has series at all."""
    rule = asked.rule
    assert rule.metric_name is not None
    search = Search(METRICS, expression_of(asked, "query", METRICS), asked.until)
    found = await matching(connection, rule.metric_name, search, rule.group_by, asked.since)
    series = [replace(each, labels=tuple(value or "" for value in each.labels)) for each in found]
    if rule.aggregation == ABSENCE:
        return await _absence(connection, asked, series)
    aggregation = Aggregation(rule.aggregation or Aggregation.AVG.value)
    able = [each for each in series if obstacle(aggregation, each) is None]
    if series and not able:
        raise Unmeasurable(f"aggregation: {obstacle(aggregation, series[0])}", "aggregation")
    frame = _frame(asked, await reach(connection, asked.until))
    if frame.rows(len(able)) > aggregation.bounds.rows:
        raise Unmeasurable(f"{len(able)} series over this window are too much to read: narrow them, or the window")
    if not able:
        return samples_of((), rule.group_by, nothing=None)
    values = await read(connection, rule.metric_name, able, frame, aggregation, asked.until, MOST_SAMPLES + 1)
    rows = [{"labels": group.labels, "value": group.values[0]} for group in values.groups]
    return samples_of(rows, rule.group_by, nothing=None)


def _frame(asked: Asked, reached: Reach) -> Frame:
    """One step that is the window."""
    return Frame(asked.since, asked.until, int(asked.seconds), list(_segments(asked, reached)), origin=asked.since)


def _segments(asked: Asked, reached: Reach) -> Iterator[Segment]:
    """The whole minutes as `reached` says, the parts of minutes at both ends from the points."""
    first, last = aligned(asked.since, MINUTE, up=True), aligned(asked.until, MINUTE)
    if asked.since < first:
        yield Segment(Resolution.POINTS, asked.since, first)
    if first < last:
        yield from reached.segments(first, last, MINUTE)
    if last < asked.until:
        yield Segment(Resolution.POINTS, last, asked.until)


async def _absence(connection: Any, asked: Asked, series: Sequence[Series]) -> Measured:
    """Minutes since the last point."""
    ids = [each.id for each in series]
    rows = await connection.fetch(SQL["metric_last_points"], ids, asked.since, asked.until)
    last: dict[int, datetime] = {row["series_id"]: row["time"] or asked.since for row in rows}
    latest: dict[tuple[str | None, ...], datetime] = {}
    for each in series:
        latest[each.labels] = max(last[each.id], latest.get(each.labels, asked.since))
    absent = [{"labels": labels, "value": (asked.until - time).total_seconds() / 60} for labels, time in latest.items()]
    return samples_of(absent, asked.rule.group_by, nothing=asked.minutes)
