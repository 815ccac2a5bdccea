"""What senders are warned of, and how often."""

import time

import pytest
from opentelemetry.exporter.postgres.batch import Batch, Signal
from opentelemetry.exporter.postgres.requests import Request

from receiver.sender_warnings import SILENT_SECONDS, SenderWarnings

DAY = 86_400


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def request(sender: str = "a", *, age_days: float = 0, body: bytes = b"", **altered: int) -> Request:
    batch = Batch(Signal.TRACES)
    batch.items = 0 if body else 1
    received_ns = time.time_ns()
    batch.times.append(int(received_ns / 1000 - age_days * DAY * 1e6))
    batch.altered = altered
    return Request(Signal.TRACES, body, received_ns, batch, b"digest", sender)


async def test_a_sender_hears_each_warning_once_a_minute(clock: Clock) -> None:
    warnings = SenderWarnings(30, clock)
    assert warnings.of(request(nul=2)) == "nul (2 times)"
    assert warnings.of(request(nul=3)) is None
    assert warnings.of(request(nul=3, deep=1)) == "deep (1 times)"
    assert warnings.of(request("b", nul=1)) == "nul (1 times)"
    clock.now += SILENT_SECONDS
    assert warnings.of(request(nul=4, deep=1)) == "nul (4 times); deep (1 times)"


async def test_only_items_beyond_the_retention_are_old(clock: Clock) -> None:
    assert SenderWarnings(30, clock).of(request(age_days=29.9)) is None
    assert "older than the retention" in str(SenderWarnings(30, clock).of(request(age_days=30.1)))


async def test_fields_that_were_removed(clock: Clock) -> None:
    assert "removed" in str(SenderWarnings(30, clock).of(request(body=b"\xc2\x3e\x00")))
    assert SenderWarnings(30, clock).of(request(body=b"\x0a\x00")) is None
