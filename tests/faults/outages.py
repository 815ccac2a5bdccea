"""PostgreSQL killed, away, hanging, or cut off."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.cutting_proxy import CuttingProxy
from tests.faults import spool
from tests.faults.processes import kill_receivers
from tests.faults.scenario import Trial

# What PostgreSQL says at the end of BEGIN, of a COPY, and of COMMIT: with the last the data is stored all the same.
_MOMENTS = (b"BEGIN\x00", b"COPY ", b"COMMIT\x00", b"COMMIT\x00")
_DRAIN_SECONDS = 90.0


async def killed(trial: Trial) -> str:
    """SIGKILL to the postmaster at random times; it is started again at once."""
    kills = 0
    deadline = time.monotonic() + trial.seconds
    while not kills or time.monotonic() < deadline:
        await asyncio.to_thread(trial.stage.postgres.kill)
        kills += 1
        await asyncio.sleep(min(trial.rng.uniform(0.5, 4), max(0.0, deadline - time.monotonic())))
    return f"{kills} kills"


async def stopped(trial: Trial) -> str:
    """PostgreSQL is shut down, and started again later."""
    async with away(trial):
        await trial.wait()
        waiting = spool.state(trial.stage.spool_directory)
    return f"away {trial.seconds:.0f} s, {waiting.requests} requests in the spool; {await drained(trial)}"


@asynccontextmanager
async def away(trial: Trial) -> AsyncIterator[None]:
    """PostgreSQL is stopped, and started at the end."""
    postgres = trial.stage.own_postgres
    await asyncio.to_thread(postgres.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(postgres.start)


async def hanging(trial: Trial) -> str:
    """SIGSTOP to PostgreSQL: connections stay open and nothing answers."""
    with trial.stage.postgres.held():
        await trial.wait()
        waiting = spool.state(trial.stage.spool_directory)
    return f"held {trial.seconds:.0f} s, {waiting.requests} requests in the spool; {await drained(trial)}"


async def receivers_killed_while_away(trial: Trial) -> str:
    """PostgreSQL is away, and meanwhile the receivers are killed again and again."""
    kills = 0
    async with away(trial):
        deadline = time.monotonic() + trial.seconds
        while not kills or time.monotonic() < deadline:
            await asyncio.sleep(trial.rng.uniform(0.5, 2))
            kills += kill_receivers(trial)
    return f"{kills} kills; {await drained(trial)}"


async def everything_killed_while_away(trial: Trial) -> str:
    """PostgreSQL is away, the whole server is killed, and both come back."""
    stage = trial.stage
    async with away(trial):
        await trial.wait()
        await asyncio.to_thread(stage.kill_all)
        waiting = spool.state(stage.spool_directory)
    await asyncio.to_thread(stage.start)
    return f"{waiting.requests} requests in the spool; {await drained(trial)}"


async def cut_in_commit(trial: Trial) -> str:
    """The connections to PostgreSQL break within transactions and between a commit and its answer."""
    postgres = trial.stage.postgres
    moment = b""

    async def reached(said: bytes) -> bool:
        return moment in said

    async with (
        CuttingProxy(postgres.connect, reached) as proxy,
        trial.stage.restarted(OTELGRES_DSN=postgres.dsn_by(proxy.port)),
    ):
        deadline = time.monotonic() + trial.seconds
        while time.monotonic() < deadline:
            moment = trial.rng.choice(_MOMENTS)
            proxy.arm()
            await asyncio.sleep(trial.rng.uniform(0.1, 0.6))
    return f"{proxy.cuts} cuts"


async def drained(trial: Trial, directory: Path | None = None) -> str:
    """Waits until the spool, the stage's own by default, is empty. Raises TimeoutError."""
    since = time.monotonic()
    while waiting := spool.state(directory or trial.stage.spool_directory).requests:
        if time.monotonic() - since > _DRAIN_SECONDS:
            raise TimeoutError(f"{waiting} requests still in the spool after {_DRAIN_SECONDS:.0f} s")
        await asyncio.sleep(0.1)
    return f"drained in {time.monotonic() - since:.1f} s"
