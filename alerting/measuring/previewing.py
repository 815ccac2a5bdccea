"""What a rule would have measured in the past, time by time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from alerting.labels import Labels
from alerting.measurements import Failed, Measured, Measurement
from alerting.measuring.asked import Asked, Unmeasurable
from alerting.measuring.measuring import measured
from alerting.measuring.sources import Sources
from alerting.rules import Rule

SECONDS = 12.0
"""After so long no further time is begun."""


@dataclass(frozen=True)
class Series:
    """A label set over the times: values, None where there is none, and whether they meet the condition."""

    labels: Labels
    values: Sequence[float | None]
    met: Sequence[bool]


async def measurements(rule: Rule, times: Iterable[datetime], sources: Sources) -> list[Measurement]:
    """One for each time in their order, as many as time suffices for."""
    deadline = monotonic() + SECONDS
    found: list[Measurement] = []
    for time in times:
        try:
            found.append(await measured(Asked(rule, time, explained=False), sources))
        except Unmeasurable as error:
            found.append(Failed(str(error)))
        if monotonic() >= deadline:
            break
    return found


def series_of(rule: Rule, found: Sequence[Measurement]) -> list[Series]:
    """By label set, those first that meet the condition most often."""
    values: dict[Labels, list[float | None]] = {}
    for place, measurement in enumerate(found):
        if isinstance(measurement, Measured):
            for sample in measurement.samples:
                values.setdefault(sample.labels, [_missing(each) for each in found])[place] = sample.value
    series = [
        Series(labels, of_labels, [rule.is_met(value) for value in of_labels]) for labels, of_labels in values.items()
    ]
    return sorted(series, key=lambda each: (-sum(each.met), each.labels))


def _missing(measurement: Measurement) -> float | None:
    return measurement.missing if isinstance(measurement, Measured) else None
