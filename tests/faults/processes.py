"""Processes that end: receivers, the server, everything at once, senders."""

import asyncio
import signal
import time

from tests.faults.scenario import Trial

_RESTART_SECONDS = 60.0


async def receivers_killed(trial: Trial) -> str:
    """SIGKILL to one receiver or all of them, at random times."""
    kills = 0
    deadline = time.monotonic() + trial.seconds
    while time.monotonic() < deadline:
        kills += kill_receivers(trial)
        await trial.load.until_acknowledged(_RESTART_SECONDS)
        await asyncio.sleep(trial.rng.uniform(0.2, 1.5))
    return f"{kills} kills"


def kill_receivers(trial: Trial) -> int:
    """Kills one receiver, or all of them one time in three; how many."""
    receivers = trial.stage.receivers()
    chosen = receivers if trial.rng.random() < 1 / 3 else receivers[:1]
    for receiver in chosen:
        receiver.kill()
    return len(chosen)


async def server_terminated(trial: Trial) -> str:
    """SIGTERM in mid-load, and a new start."""
    restarts = 0
    deadline = time.monotonic() + trial.seconds
    while not restarts or time.monotonic() < deadline:
        await asyncio.to_thread(trial.stage.restart)
        restarts += 1
        await asyncio.sleep(min(trial.rng.uniform(0.5, 2), max(0.0, deadline - time.monotonic())))
    return f"{restarts} restarts"


async def rolling_restart(trial: Trial) -> str:
    """SIGUSR2: new receivers take over from the old ones."""
    rounds = 0
    deadline = time.monotonic() + trial.seconds
    while not rounds or time.monotonic() < deadline:
        await roll(trial)
        rounds += 1
    return f"{rounds} rounds"


async def roll(trial: Trial, seconds: float = 90.0) -> None:
    """One rolling restart. Raises TimeoutError unless every receiver is a new process in the end."""
    before = {receiver.pid for receiver in trial.stage.receivers()}
    trial.stage.signal(signal.SIGUSR2)
    deadline = time.monotonic() + seconds
    while True:
        now = {receiver.pid for receiver in trial.stage.receivers()}
        if len(now) == len(before) and not now & before:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"the receivers were not replaced within {seconds:.0f} s")
        await asyncio.sleep(0.1)


async def all_killed(trial: Trial) -> str:
    """SIGKILL to the server, its children and PostgreSQL at once, and a new start."""
    rounds = 0
    deadline = time.monotonic() + trial.seconds
    while not rounds or time.monotonic() < deadline:
        await asyncio.sleep(trial.rng.uniform(0.2, 2))
        await asyncio.to_thread(trial.stage.kill_all)
        await asyncio.to_thread(trial.stage.start)
        rounds += 1
    return f"{rounds} times"


async def senders_killed(trial: Trial) -> str:
    """SIGKILL to senders in mid-request: what they had acknowledged counts all the same."""
    kills = 0
    deadline = time.monotonic() + trial.seconds
    while not kills or time.monotonic() < deadline:
        sender = await trial.load.add()
        await asyncio.sleep(trial.rng.uniform(0.3, 1))
        await sender.kill()
        kills += 1
    return f"{kills} kills"
