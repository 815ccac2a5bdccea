"""Lanes: slow rules delay no other."""

import asyncio

import pytest

from alerting.engine import lanes
from alerting.engine.lanes import FAST_SLOTS, SLOW_SLOTS, Lanes

DEADLINE_SECONDS = 10


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "SLOW", lanes.SLOW / 100)


class Holders:
    """Evaluations that hold a slot until they are released."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.release = asyncio.Event()
        self._holding = asyncio.Semaphore(0)

    async def hold(self, slow: bool) -> None:
        async with self.lanes.slot(slow):
            self._holding.release()
            await self.release.wait()

    async def until(self, count: int) -> None:
        """Waits for so many more that hold one."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            for _ in range(count):
                await self._holding.acquire()

    def are_all_free(self) -> bool:
        return (self.lanes._fast._value, self.lanes._slow._value) == (FAST_SLOTS, SLOW_SLOTS)


async def test_rules_known_to_be_slow_have_slots_of_their_own() -> None:
    holders = Holders(Lanes())
    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(holders.hold(True))
        await holders.until(SLOW_SLOTS)
        async with asyncio.timeout(DEADLINE_SECONDS), holders.lanes.slot(False):
            holders.release.set()
        await holders.until(20 - SLOW_SLOTS)
    assert holders.are_all_free()


async def test_a_rule_that_proves_slow_leaves_its_slot_to_others() -> None:
    holders = Holders(Lanes())
    async with asyncio.TaskGroup() as tasks:
        for _ in range(FAST_SLOTS + SLOW_SLOTS):
            tasks.create_task(holders.hold(False))
        await holders.until(FAST_SLOTS + SLOW_SLOTS)
        holders.release.set()
    assert holders.are_all_free()


async def test_a_cancelled_evaluation_frees_its_slot() -> None:
    holders = Holders(Lanes())
    tasks = [asyncio.create_task(holders.hold(False)) for _ in range(FAST_SLOTS + SLOW_SLOTS)]
    await holders.until(FAST_SLOTS + SLOW_SLOTS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert holders.are_all_free()
