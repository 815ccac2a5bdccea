"""The spool on its own: real files, real locks, real damage."""

import asyncio
import logging
import os
import resource
import signal
import sqlite3
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from opentelemetry.exporter.postgres.batch import Signal

from receiver import spool as spool_module
from receiver.disk_guard import DiskGuard
from receiver.spool import Room, Spool
from receiver.spool_file import SpoolFile, SpoolUnavailable
from receiver.spool_rows import Damaged, Entry, entry_of, row_of
from receiver.spool_slots import Slots

BOUND = 64 << 20


def entry(size: int = 1000, *, refusals: tuple[str, ...] = ()) -> Entry:
    """A request of incompressible bytes."""
    return Entry(os.urandom(16), Signal.LOGS, time.time_ns(), refusals, os.urandom(size))


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as executor:
        yield executor


Opened = Callable[..., AbstractAsyncContextManager[Spool]]


@pytest.fixture
def opened(tmp_path: Path, thread: ThreadPoolExecutor) -> Opened:
    """Opens tmp_path/1.sqlite, or another number; closes it at the end."""

    @asynccontextmanager
    async def opened(number: int = 1, *, bound: int = BOUND, min_free: int = 0) -> AsyncIterator[Spool]:
        room = Room(tmp_path, bound, DiskGuard(tmp_path, min_free, "nothing is spooled"))
        spool = Spool(tmp_path / f"{number}.sqlite", thread, room)
        await spool.open()
        yield spool
        await spool.close()

    return opened


async def contents(spool: Spool) -> list[Entry]:
    """Everything in the spool, oldest first; it stays there."""
    return await spool.next_group(1 << 40)


async def test_what_goes_in_comes_out_oldest_first_after_a_restart_too(opened: Opened) -> None:
    entries = [
        entry(0),
        entry(10),
        Entry(os.urandom(16), Signal.TRACES, 1, ("item 3: no id", "item 5: a\nb"), b"deflates well " * 1000),
        entry(3 << 20),
    ]
    async with opened() as spool:
        for each in entries:
            await spool.add(each)
        assert spool.rows == 4
        assert await spool.oldest_received_ns() == 1
    async with opened() as spool:
        assert spool.rows == 4
        found = await contents(spool)
        assert [each.body for each in found] == [each.body for each in entries]
        assert list(found[2].refusals) == ["item 3: no id", "item 5: a b"]
        assert found[0] == entries[0]
        await spool.remove([each.digest for each in found[:2]])
        assert [each.digest for each in await contents(spool)] == [each.digest for each in entries[2:]]


async def test_groups_are_bounded_by_bytes_but_never_empty(opened: Opened) -> None:
    async with opened() as spool:
        for size in (1000, 1000, 1000, 5000):
            await spool.add(entry(size))
        assert [len(each.body) for each in await spool.next_group(2500)] == [1000, 1000]
        await spool.remove([each.digest for each in await spool.next_group(3500)])
        assert [len(each.body) for each in await spool.next_group(10)] == [5000]


async def test_the_same_request_is_kept_once(opened: Opened) -> None:
    each = entry()
    async with opened() as spool:
        await asyncio.gather(*(spool.add(each) for _ in range(5)))
        await spool.add(each)
        assert spool.rows == 1


async def test_many_requests_share_one_write_to_disk(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[int] = []
    add = SpoolFile.add

    def counted(file: SpoolFile, rows: list[object]) -> None:
        groups.append(len(rows))
        add(file, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(SpoolFile, "add", counted)
    async with opened() as spool:
        await asyncio.gather(*(spool.add(entry()) for _ in range(200)))
        assert spool.rows == sum(groups) == 200
    assert len(groups) < 20


async def test_an_emptied_spool_gives_its_disk_space_back(opened: Opened, tmp_path: Path) -> None:
    async with opened() as spool:
        await asyncio.gather(*(spool.add(entry(100_000)) for _ in range(50)))
        assert disk_bytes(tmp_path) > 5_000_000
        await spool.remove([each.digest for each in await contents(spool)])
        assert (spool.rows, await spool.oldest_received_ns()) == (0, None)
        assert disk_bytes(tmp_path) < 100_000
    assert os.listdir(tmp_path) == []


def disk_bytes(directory: Path) -> int:
    return sum(file.stat().st_size for file in directory.iterdir())


async def test_only_its_owner_may_read_it(opened: Opened, tmp_path: Path) -> None:
    async with opened() as spool:
        await spool.add(entry())
        modes = {os.stat(tmp_path / name).st_mode & 0o077 for name in os.listdir(tmp_path)}
        assert modes == {0}


async def test_one_put_off_is_left_out_and_not_counted_as_waiting(opened: Opened) -> None:
    async with opened() as spool:
        first, second = entry(), entry()
        await spool.add(first)
        await spool.add(second)
        await spool.put_off(first.digest, 600)
        assert [each.digest for each in await contents(spool)] == [second.digest]
        assert await spool.oldest_received_ns() == second.received_ns
        await spool.put_off(first.digest, -1)
        assert [each.digest for each in await contents(spool)] == [first.digest, second.digest]


async def test_the_bound_holds_over_all_spools_of_a_directory(opened: Opened, tmp_path: Path) -> None:
    bound = 3_000_000
    async with opened(1, bound=bound) as one, opened(2, bound=bound) as two:
        for _ in range(10):
            await one.add(entry(100_000))
        taken = 0
        while await is_added(two, entry(100_000)):
            taken += 1
        with pytest.raises(SpoolUnavailable, match="the spool is full"):
            await two.add(entry(100_000))
        assert 5 < taken < 20
        assert two.rows == taken
        assert disk_bytes(tmp_path) < 2 * bound
        await two.remove([each.digest for each in await contents(two)])
        await two.add(entry(100_000))


async def test_a_spool_s_own_journal_is_not_another_s(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "SIZES_LAST", 0.0)
    async with opened(bound=40_000_000) as spool:
        for _ in range(30):
            await spool.add(entry(1_000_000))
        assert spool.rows == 30


async def test_nothing_is_spooled_on_a_disk_that_is_almost_full(opened: Opened) -> None:
    async with opened(min_free=1 << 60) as spool:
        with pytest.raises(SpoolUnavailable, match="almost full"):
            await spool.add(entry())
        assert spool.rows == 0


async def test_a_disk_that_refuses_costs_that_request_alone(opened: Opened) -> None:
    """The limit on the size of files stands for a full disk: to SQLite both are a write that fails."""
    async with opened() as spool:
        kept = [entry(10_000) for _ in range(5)]
        for each in kept:
            await spool.add(each)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
        try:
            with pytest.raises(SpoolUnavailable):
                await spool.add(entry(1_000_000))
            with pytest.raises(SpoolUnavailable):
                await spool.add(entry(10))
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1]))
            await spool.remove([kept.pop(0).digest])
            assert spool.rows == len(await contents(spool)) == len(kept)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, before)
        assert [each.digest for each in await contents(spool)] == [each.digest for each in kept]
        deadline = time.monotonic() + 10
        while not await is_added(spool, entry(20_000)):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        assert len(await contents(spool)) == len(kept) + 1


async def test_a_spool_is_emptied_on_a_full_disk_too(opened: Opened, tmp_path: Path) -> None:
    """Forgetting takes room as well; what is done with is not handed out again, and in the end the file goes."""
    async with opened() as spool:
        kept = [entry(10_000) for _ in range(6)]
        for each in kept:
            await spool.add(each)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        try:
            for rest in (4, 2):
                await spool.remove([each.digest for each in await spool.next_group(20_000)])
                assert (spool.rows, spool.waiting) == (rest, 6)
            assert await contents(spool) == kept[4:]
            # A restart would bring them back, so the ledger must not forget them.
            assert await spool.oldest_received_ns() == kept[0].received_ns
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, before)
        await spool.remove([each.digest for each in kept[4:]])
        assert (spool.rows, spool.waiting, await contents(spool)) == (0, 0, [])
        assert disk_bytes(tmp_path) < 100_000


async def is_added(spool: Spool, each: Entry) -> bool:
    try:
        await spool.add(each)
    except SpoolUnavailable:
        return False
    return True


KILLED = """
import asyncio, os, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from opentelemetry.exporter.postgres.batch import Signal
from receiver.disk_guard import DiskGuard
from receiver.spool import Room, Spool
from receiver.spool_rows import Entry
from receiver.spool_slots import Slots

async def main():
    directory = Path(sys.argv[1])
    slots = Slots(directory)
    path = slots.path(slots.claim())
    spool = Spool(path, ThreadPoolExecutor(1), Room(directory, 1 << 30, DiskGuard(directory, 0, "")))
    await spool.open()
    while True:
        digest = os.urandom(16)
        await spool.add(Entry(digest, Signal.LOGS, 1, (), os.urandom(5000)))
        print(digest.hex(), flush=True)

asyncio.run(main())
"""


async def test_what_was_acknowledged_survives_sigkill_and_is_found_by_others(opened: Opened, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    acknowledged = [(await process.stdout.readline()).decode().strip() for _ in range(100)]
    slots = Slots(tmp_path)
    assert slots.adopt() == []
    assert slots.claim() == 2
    process.kill()
    acknowledged += (await process.stdout.read()).decode().split()
    await process.wait()
    assert slots.adopt() == [1]
    async with opened(1) as spool:
        found = [each.digest.hex() for each in await contents(spool)]
    assert found[: len(acknowledged)] == acknowledged
    # One may have been written and not yet told.
    assert len(found) - len(acknowledged) in (0, 1)


def test_a_slot_belongs_to_one_and_the_next_gets_the_first_free_number(tmp_path: Path) -> None:
    one, two, three = Slots(tmp_path), Slots(tmp_path), Slots(tmp_path)
    assert (one.claim(), two.claim()) == (1, 2)
    one.path(1).touch()
    assert two.adopt() == []
    one.release(1)
    assert three.adopt() == [1]
    assert two.adopt() == []
    assert one.claim() == 3


PAGE = 8192


def damage_page(path: Path, number: int) -> None:
    with path.open("r+b") as file:
        file.seek(number * PAGE)
        file.write(b"\xa5" * PAGE)


def cut(path: Path, _: int) -> None:
    os.truncate(path, path.stat().st_size // 2)


def behead(path: Path, _: int) -> None:
    damage_page(path, 0)


@pytest.mark.parametrize(("harm", "least"), [(damage_page, 60), (cut, 20), (behead, 0)])
async def test_a_damaged_file_is_moved_aside_and_what_reads_is_carried_over(
    opened: Opened,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    harm: Callable[[Path, int], None],
    least: int,
) -> None:
    """Whatever comes out of it is what was put in, and the spool works on."""
    entries = {each.digest: each for each in (entry(20_000) for _ in range(100))}
    async with opened() as spool:
        for each in entries.values():
            await spool.add(each)
    pages = (tmp_path / "1.sqlite").stat().st_size // PAGE
    harm(tmp_path / "1.sqlite", pages // 2)
    caplog.set_level(logging.ERROR)
    async with opened() as spool:
        found = await contents(spool)
        assert all(entries[each.digest].body == each.body for each in found)
        assert least <= len(found) < 100
        new = entry()
        await spool.add(new)
        assert (await contents(spool))[-1].digest == new.digest
    (aside,) = (name for name in os.listdir(tmp_path) if ".damaged-" in name)
    (line,) = [record.getMessage() for record in caplog.records]
    assert aside in line
    assert f"{len(found)} requests are carried over" in line


async def test_a_body_that_changed_on_disk_is_not_handed_on(
    opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite itself does not notice: the checksum does."""
    good, bad = entry(100), Entry(os.urandom(16), Signal.LOGS, 1, (), b"#" * 100)
    async with opened() as spool:
        await spool.add(good)
        await spool.add(bad)
    file = tmp_path / "1.sqlite"
    file.write_bytes(file.read_bytes().replace(b"#" * 100, b"#" * 99 + b"!"))
    async with opened() as spool:
        assert [each.digest for each in await contents(spool)] == [good.digest]
    assert "1 have a wrong checksum" in caplog.text


async def test_a_salvage_that_a_crash_interrupted_is_finished(opened: Opened, tmp_path: Path) -> None:
    """The damaged file was moved aside, and its successor not yet in its place."""
    each = entry()
    async with opened() as spool:
        await spool.add(each)
    (tmp_path / "1.sqlite").rename(tmp_path / "1.salvaged")
    async with opened() as spool:
        assert [found.digest for found in await contents(spool)] == [each.digest]
    assert not (tmp_path / "1.salvaged").exists()


@pytest.mark.parametrize("column", range(8))
def test_the_checksum_covers_every_column(column: int) -> None:
    row = list(row_of(entry(1000, refusals=("one",))))
    assert entry_of(tuple(row)).refusals == ["one"]  # type: ignore[arg-type]
    value = row[column]
    row[column] = value + (b"x" if isinstance(value, bytes) else "x" if isinstance(value, str) else 1)  # type: ignore[operator]
    with pytest.raises(Damaged):
        entry_of(tuple(row))  # type: ignore[arg-type]


def test_a_body_is_deflated_only_where_that_helps() -> None:
    assert row_of(entry(5000))[5] == 0
    deflated = row_of(Entry(b"", Signal.LOGS, 0, (), b"again and " * 500))
    assert deflated[5] == 1
    assert zlib.decompress(deflated[7]) == b"again and " * 500


def test_durable_means_synchronous(tmp_path: Path) -> None:
    file = SpoolFile(tmp_path / "1.sqlite")
    file.open()
    connection = file._db
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    file.close()
    with sqlite3.connect(tmp_path / "1.sqlite") as other:
        assert other.execute("SELECT count(*) FROM requests").fetchone() == (0,)
    other.close()
