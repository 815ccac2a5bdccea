"""What senders are warned of, and how often."""

import time

import pytest
from opentelemetry.exporter.postgres.batch import Batch, Signal
from opentelemetry.exporter.postgres.redaction import REASONS
from opentelemetry.exporter.postgres.requests import Request

from receiver.sender_warnings import SILENT_SECONDS, SenderWarnings

DAY = 86_400
RETENTION = {Signal.TRACES: 30, Signal.LOGS: 30, Signal.METRICS: 7}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def request(
    sender: str = "a", *, signal: Signal = Signal.TRACES, age_days: float = 0, body: bytes = b"", **altered: int
) -> Request:
    batch = Batch(signal)
    batch.items = 0 if body else 1
    received_ns = time.time_ns()
    batch.times.append(int(received_ns / 1000 - age_days * DAY * 1e6))
    batch.altered = altered
    return Request(signal, body, received_ns, batch, b"digest", sender)


async def test_a_sender_hears_each_warning_once_a_minute(clock: Clock) -> None:
    warnings = SenderWarnings(RETENTION, clock)
    assert warnings.of(request(nul=2)) == "nul (2 times)"
    assert warnings.of(request(nul=3)) is None
    assert warnings.of(request(nul=3, deep=1)) == "deep (1 times)"
    assert warnings.of(request("b", nul=1)) == "nul (1 times)"
    clock.now += SILENT_SECONDS
    assert warnings.of(request(nul=4, deep=1)) == "nul (4 times); deep (1 times)"


async def test_what_attribute_rules_changed_is_nothing_to_warn_of(clock: Clock) -> None:
    changed = dict.fromkeys(REASONS.values(), 3)
    assert SenderWarnings(RETENTION, clock).of(request(nul=2, **changed)) == "nul (2 times)"


@pytest.mark.parametrize("signal", list(Signal))
async def test_only_items_beyond_the_retention_of_their_signal_are_old(clock: Clock, signal: Signal) -> None:
    days = RETENTION[signal]
    assert SenderWarnings(RETENTION, clock).of(request(signal=signal, age_days=days - 0.1)) is None
    told = SenderWarnings(RETENTION, clock).of(request(signal=signal, age_days=days + 0.1))
    assert "older than the retention" in str(told)


async def test_fields_that_were_removed(clock: Clock) -> None:
    assert "removed" in str(SenderWarnings(RETENTION, clock).of(request(body=b"\xc2\x3e\x00")))
    assert SenderWarnings(RETENTION, clock).of(request(body=b"\x0a\x00")) is None
