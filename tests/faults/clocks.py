"""Clocks that jump by a day: the machine's, and those of senders."""

import asyncio
import os
import tempfile
import time
from pathlib import Path

import asyncpg

from tests.faults.scenario import Trial

DAY = 86_400.0
_CLOCK = "SELECT extract(epoch FROM clock_timestamp())::float"
_RECEIVERS_CLOCK = "SELECT max(batch) / 1000000 FROM enterprise.writers"
_JUMPS = (DAY, -DAY, 0.0)
_OFF = 600.0
"""Seconds that a clock may be off its jump."""


async def jumped(trial: Trial) -> str:
    """The clock of the receivers, the API and PostgreSQL goes a day ahead, two back and one ahead again, while a
    sender's items are a day early and a day late."""
    stage = trial.stage
    library = _library()
    if library is None:
        sender = await trial.load.add(shifts=(DAY, -DAY, 0.0))
        await trial.wait()
        await sender.stop()
        return "items of yesterday and tomorrow; libfaketime is not installed: the server's clock did not jump"
    with tempfile.NamedTemporaryFile("w", prefix="otelgres-clock-") as clock:
        environment = _set_up(clock.name, library)
        await asyncio.to_thread(stage.stop)
        await asyncio.to_thread(stage.own_postgres.stop)
        try:
            await asyncio.to_thread(stage.own_postgres.start_with, environment)
            await asyncio.to_thread(stage.start, **environment)
            sender = await trial.load.add(shifts=(DAY, -DAY, 0.0))
            for jump in _JUMPS:
                _turn(clock.name, jump)
                await _until_jumped(trial, jump)
                await trial.wait(1 / len(_JUMPS))
                await trial.load.until_acknowledged(30)
            await sender.stop()
        finally:
            await asyncio.to_thread(stage.stop)
            await asyncio.to_thread(stage.own_postgres.stop)
            await asyncio.to_thread(stage.own_postgres.start)
            await asyncio.to_thread(stage.start)
    return "receivers, API and PostgreSQL a day ahead, a day behind, and right again"


def _library() -> str | None:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    return str(found[0]) if found else None


def _turn(clock: str, jump: float) -> None:
    Path(clock).write_text(f"{jump:+.0f}\n")


async def _until_jumped(trial: Trial, jump: float, seconds: float = 20.0) -> None:
    """Returns once the clocks of PostgreSQL and of a receiver are off by so much. Raises TimeoutError."""
    connection = await asyncpg.connect(trial.stage.dsn)
    deadline = time.monotonic() + seconds
    try:
        # The numbers of commits never go back, so that a receiver's jump ahead alone is seen.
        while not (
            abs(await connection.fetchval(_CLOCK) - time.time() - jump) < _OFF
            and await connection.fetchval(_RECEIVERS_CLOCK) - time.time() > jump - _OFF
        ):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the clocks did not jump by {jump:+.0f} s")
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


def _set_up(clock: str, library: str) -> dict[str, str]:
    """The environment of a process whose clock is off by what the file says. Its timers stay right."""
    _turn(clock, 0)
    os.chmod(clock, 0o644)
    return {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": clock,
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
