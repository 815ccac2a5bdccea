"""When the database counts as away, and what is said of it."""

import logging
import threading

import asyncpg
import pytest
from opentelemetry.exporter.postgres.availability import STALLED_AFTER, Availability
from opentelemetry.exporter.postgres.writer import WATCH_SECONDS


class Watched:
    """An availability with a clock of its own, and how often it was lost."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.lost = 0
        self.availability = Availability(lambda: self.now)
        self.availability.on_lost = self._count

    def _count(self) -> None:
        self.lost += 1

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now += WATCH_SECONDS
            self.availability.check()


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_one_broken_connection_is_not_an_outage_and_two_failures_are(watched: Watched) -> None:
    watched.availability.failed(ConnectionResetError(), conclusive=False)
    assert watched.availability
    watched.availability.failed(ConnectionResetError(), conclusive=False)
    assert (bool(watched.availability), watched.lost) == (False, 1)


def test_a_commit_between_failures_shows_that_the_database_is_there(watched: Watched) -> None:
    for _ in range(3):
        watched.availability.failed(ConnectionResetError(), conclusive=False)
        watched.availability.committed()
    assert watched.lost == 0


def test_no_connection_to_be_had_is_an_outage_until_the_next_commit(watched: Watched) -> None:
    watched.availability.failed(ConnectionRefusedError(), conclusive=True)
    assert not watched.availability
    watched.availability.committed()
    assert watched.availability


def test_transactions_that_hang_are_an_outage(watched: Watched) -> None:
    watched.availability.began(0)
    watched.wait(STALLED_AFTER)
    assert watched.availability
    watched.wait(2 * WATCH_SECONDS)
    assert (bool(watched.availability), watched.lost) == (False, 1)


def test_one_that_ends_shows_that_the_others_need_not_hang(watched: Watched) -> None:
    watched.availability.began(0)
    for _ in range(10):
        watched.availability.began(0)
        watched.wait(STALLED_AFTER / 2)
        watched.availability.ended()
    assert watched.availability


def test_nothing_under_way_is_no_outage(watched: Watched) -> None:
    watched.availability.began(0)
    watched.availability.ended()
    watched.wait(100)
    assert watched.availability


def test_a_large_transaction_may_take_longer(watched: Watched) -> None:
    watched.availability.began(64 << 20)
    watched.wait(2 * STALLED_AFTER)
    assert watched.availability
    watched.wait(4 * STALLED_AFTER)
    assert not watched.availability


def test_a_process_that_stood_still_itself_blames_nobody(watched: Watched) -> None:
    watched.wait(1)
    watched.availability.began(0)
    watched.now += 30
    watched.availability.check()
    assert watched.availability


def test_each_change_is_one_line_and_the_same_trouble_is_not_told_again_at_once(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        for _ in range(5):
            watched.availability.failed(ConnectionRefusedError("refused"), conclusive=True)
        watched.availability.committed()
    assert errors(caplog) == ["the database does not take data: refused"]
    watched.wait(100)
    watched.availability.failed(ConnectionRefusedError("refused"), conclusive=True)
    assert errors(caplog) == ["the database does not take data: refused"] * 2


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Of this thread: writers of earlier tests may still be ending in theirs."""
    own = [record for record in caplog.records if record.thread == threading.get_ident()]
    return [record.getMessage() for record in own if record.levelno == logging.ERROR]


def test_what_a_person_must_do_is_said(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    refused = asyncpg.PostgresError.new({"C": "42501", "M": "permission denied"})
    watched.availability.failed(refused, conclusive=True)
    assert "grant the role otelgres_writer" in caplog.text
