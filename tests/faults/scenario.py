"""What a scenario is."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from random import Random

from tests.faults.load import Load
from tests.faults.stage import Stage


class Place(Enum):
    """OWN: PostgreSQL is the harness's. SMALL_SPOOL_DISK: that, and the spool has a small disk. EMBEDDED: PostgreSQL is
    the server's. SMALL_DISK: that, and all is on a small disk."""

    OWN = "own"
    SMALL_SPOOL_DISK = "small spool disk"
    EMBEDDED = "embedded"
    SMALL_DISK = "small disk"


@dataclass(frozen=True)
class Trial:
    """A fault at work: on a stage, under load, for `seconds`."""

    stage: Stage
    load: Load
    seconds: float
    rng: Random

    async def wait(self, share: float = 1.0) -> None:
        """A part of the fault's time."""
        await asyncio.sleep(self.seconds * share)


Fault = Callable[[Trial], Awaitable[str]]


@dataclass(frozen=True)
class Scenario:
    """A fault that begins and ends within `fault`, which returns a note for the report.

    After it the server MUST be able to take everything again. seconds: of the whole form, and of the short one, None
    where there is none.
    """

    name: str
    fault: Fault
    seconds: float
    short_seconds: float | None
    place: Place = Place.OWN
