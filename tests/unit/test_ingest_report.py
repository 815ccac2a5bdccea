"""What receivers report is added up by reason, bounded, and never lost by a failed attempt to store it."""

from datetime import UTC, datetime, timedelta

import pytest

from receiver import ingest_report
from receiver.ingest_report import OTHER, IngestReport, Line, Place, without_values

START = datetime(2026, 11, 23, 9, 30, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def report(clock: Clock) -> IngestReport:
    return IngestReport(clock)


def add(report: IngestReport, reason: str = "too small", *, service: str = "shop", items: int = 2) -> None:
    report.add(
        "refused", reason, signal="traces", transport="grpc", service=service, items=items, sample={"answer": reason}
    )


def test_cases_of_one_minute_are_added_up(report: IngestReport, clock: Clock) -> None:
    add(report)
    clock.now += timedelta(seconds=5)
    add(report, items=3)
    place = Place(START.replace(second=0), "traces", "grpc", "shop", "refused", "too small")
    assert report.take() == [(place, Line(2, 5, {"answer": "too small"}, START, clock.now))]
    assert report.take() == []


def test_every_minute_has_its_own_lines(report: IngestReport, clock: Clock) -> None:
    for _ in range(3):
        add(report)
        clock.now += timedelta(minutes=1)
    assert [place.minute.minute for place, _ in report.take()] == [30, 31, 32]


def test_what_could_not_be_stored_is_added_to_what_came_since(report: IngestReport) -> None:
    add(report)
    lines = report.take()
    add(report)
    add(report, "too large")
    report.give_back(lines)
    assert [(place.reason, line.requests, line.items) for place, line in report.take()] == [
        ("too small", 2, 4),
        ("too large", 1, 2),
    ]


def test_beyond_the_bound_the_oldest_lines_go_and_are_counted(
    report: IngestReport, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_report, "MAX_LINES", 3)
    for number in range(5):
        add(report, f"reason {number}")
    lines = report.take()
    assert [place.reason for place, _ in lines] == ["reason 2", "reason 3", "reason 4"]
    add(report, "newer")
    report.give_back(lines)
    assert [place.reason for place, _ in report.take()] == ["reason 3", "reason 4", "newer"]
    assert report.dropped == 3


def test_reasons_beyond_the_bound_are_told_together(
    report: IngestReport, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest_report, "MAX_REASONS_A_MINUTE", 2)
    for number in range(5):
        add(report, f"reason {number}")
    add(report, "reason 1")
    clock.now += timedelta(minutes=1)
    add(report, "reason 4")
    counted = {(place.reason, place.service): line.requests for place, line in report.take()}
    assert counted == {("reason 0", "shop"): 1, ("reason 1", "shop"): 2, (OTHER, ""): 3, ("reason 4", "shop"): 1}


def test_texts_that_postgresql_cannot_hold_are_made_such_that_it_can(report: IngestReport) -> None:
    add(report, "a\0b\ud800c", service="x\0")
    ((place, line),) = report.take()
    assert (place.reason, place.service) == ("a\ufffdb?c", "x\ufffd")
    assert line.sample == {"answer": "a\ufffdb?c"}


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("span 3: trace_id must be 16 bytes, not all zero", "span …: trace_id must be … bytes, not all zero"),
        ('violates check constraint "a b" (SQLSTATE 23514)', "violates check constraint … (SQLSTATE 23514)"),
        ("Content-Type 'text/plain' is odd", "Content-Type … is odd"),
        ("a time must be nanoseconds, not -5", "a time must be nanoseconds, not -…"),
    ],
)
def test_a_reason_is_told_without_its_values(reason: str, kind: str) -> None:
    assert without_values(reason) == kind
