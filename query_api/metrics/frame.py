"""The steps of an answer: where they begin, how long they are, and how many there may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi.exceptions import RequestValidationError

from database.ranges import EPOCH
from query_api import steps
from query_api.metrics.resolution import LENGTHS, Reach, Resolution, Segment, aligned
from query_api.metrics.series import too_much
from query_api.steps import HOUR, MINUTE, step_for
from query_api.window import Window

MOST_STEPS = 500
WHOLE_MINUTES = tuple(length for length in steps.LENGTHS if length >= MINUTE)
# A sender's clock may be ahead; later points are in no partition yet.
AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Frame:
    """Steps of so many seconds, at multiples of that since the origin, that cover the window; and what they are read
    from."""

    since: datetime
    until: datetime
    step: int
    segments: Sequence[Segment]
    origin: datetime = EPOCH

    @property
    def steps(self) -> int:
        return (self.until - self.since) // timedelta(seconds=self.step)

    @property
    def times(self) -> list[str]:
        """When each step begins."""
        return [(self.since + number * timedelta(seconds=self.step)).isoformat() for number in range(self.steps)]

    @property
    def resolution(self) -> Resolution:
        """Of the greatest part."""
        return max(self.segments, key=lambda part: part.until - part.since).resolution

    def rows(self, series: int) -> int:
        """At most so many minutes and hours are there to be read."""
        return sum(
            series * ((part.until - part.since) // timedelta(seconds=LENGTHS[part.resolution]))
            for part in self.segments
            if part.resolution is not Resolution.POINTS
        )


def framed(
    window: Window, now: datetime, reach: Reach, step: int | None, series: int, most_rows: int, name: str
) -> Frame | None:
    """The frame of a window, cut to what is kept; None where nothing of it is. 422 for more steps or rows than allowed.

    Without a step one is chosen, of a minute or more, by `step_for`.
    """
    earliest = max(window.earliest, reach.earliest)
    latest = min(window.latest or now, now + AHEAD)
    if earliest >= latest:
        return None
    length = step or step_for(latest - earliest, WHOLE_MINUTES)
    frame = _of(earliest, latest, length, reach)
    if step is None and length < HOUR and (frame.rows(series) > most_rows or _lacks(frame, reach)):
        frame = _of(earliest, latest, HOUR, reach)
    if frame.steps > MOST_STEPS:
        raise RequestValidationError(
            [{"type": "too_much", "loc": ("query", "step"), "msg": _too_many(frame), "input": step}]
        )
    if frame.rows(series) > most_rows:
        raise too_much(
            f"{series} series over this window are too much to read; take a step of whole hours, fewer hours, or "
            "narrow them with `q`",
            name,
        )
    return frame


def _of(earliest: datetime, latest: datetime, step: int, reach: Reach) -> Frame:
    since, until = aligned(earliest, step), aligned(latest, step, up=True)
    return Frame(since, until, step, list(reach.segments(since, until, step)))


def _lacks(frame: Frame, reach: Reach) -> bool:
    """Whether a coarser step would reach back farther."""
    begins = frame.segments[0].since if frame.segments else frame.until
    return begins > max(frame.since, reach.earliest) + timedelta(seconds=frame.step)


def _too_many(frame: Frame) -> str:
    shortest = -(-int((frame.until - frame.since).total_seconds()) // (MOST_STEPS - 1))
    return f"{frame.steps} steps are more than {MOST_STEPS}; the step must be {shortest} seconds or more"
