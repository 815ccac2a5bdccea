"""Every sender has its turn."""

import asyncio

import pytest
from opentelemetry.exporter.postgres.fair_queue import FairQueue

from receiver.turns import Turns


def test_senders_alternate_however_much_one_has_queued() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(4):
        queue.append("noisy", f"noisy {number}")
    for sender in ("quiet", "calm"):
        queue.append(sender, sender)
    queue.append("quiet", "quiet again")
    assert len(queue) == 7
    assert [queue.popleft() for _ in range(7)] == [
        "noisy 0",
        "quiet",
        "calm",
        "noisy 1",
        "quiet again",
        "noisy 2",
        "noisy 3",
    ]
    assert len(queue) == 0
    with pytest.raises(IndexError):
        queue.popleft()


async def test_turns_go_round_the_senders_and_one_who_left_has_had_its_own() -> None:
    turns = Turns()
    served: list[str] = []

    async def wait(sender: str, name: str) -> None:
        await turns.acquire(sender)
        served.append(name)
        turns.release()

    await turns.acquire("first")
    waiting = [
        asyncio.create_task(wait(sender, name))
        for sender, name in (("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("b", "b2"))
    ]
    await asyncio.sleep(0)
    waiting[3].cancel()
    await asyncio.sleep(0)
    turns.release()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert served == ["a1", "a2", "b2", "a3"]
    await asyncio.wait_for(turns.acquire("last"), 1)


async def test_a_turn_given_to_one_who_leaves_at_that_moment_goes_to_the_next() -> None:
    turns = Turns()
    await turns.acquire("first")
    leaving = asyncio.create_task(turns.acquire("leaving"))
    waiting = asyncio.create_task(turns.acquire("waiting"))
    await asyncio.sleep(0)
    turns.release()
    leaving.cancel()
    await asyncio.wait_for(waiting, 1)
    assert leaving.cancelled()
