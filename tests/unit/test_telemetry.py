"""Every request is counted once, its items by what became of them, and what went wrong is reported."""

from datetime import UTC, datetime

import pytest
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, make_request
from prometheus_client.parser import text_string_to_metric_families

from receiver.arrivals import Arrival
from receiver.ingest_report import IngestReport
from receiver.refusals import Invalid, Unavailable, UnknownPath
from receiver.telemetry import UNLISTED, Telemetry
from server.metering import Metering
from tests import payloads


@pytest.fixture
def metering() -> Metering:
    return Metering()


@pytest.fixture
def telemetry(metering: Metering) -> Telemetry:
    return Telemetry(metering.meter, IngestReport(lambda: datetime.now(UTC)))


def traces(count: int, bad: tuple[int, ...] = ()) -> Arrival:
    """A request of spans as it was decoded; `bad` ones have no id."""
    arrival = Arrival("grpc", Signal.TRACES)
    body = payloads.spans(count, bad=bad).SerializeToString()
    arrival.request = make_request(Decoder(), Signal.TRACES, body)
    return arrival


def counts(metering: Metering, name: str) -> dict[tuple[str, ...], float]:
    """A counter's values by those of its labels, in the labels' order."""
    return {
        tuple(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metering.text().decode())
        for sample in family.samples
        if sample.name == f"otelgres_receiver_{name}_total"
    }


def reported(telemetry: Telemetry) -> list[tuple[str, str, int]]:
    return [(place.kind, place.reason, line.items) for place, line in telemetry.report.take()]


async def test_a_stored_request_counts_and_reports_nothing(metering: Metering, telemetry: Telemetry) -> None:
    telemetry.answered(traces(5), Outcome())
    assert counts(metering, "requests") == {("stored", "traces", "grpc"): 1}
    assert counts(metering, "items") == {("stored", "traces", "grpc"): 5}
    assert reported(telemetry) == []


async def test_rejected_items_are_reported_by_their_reasons(metering: Metering, telemetry: Telemetry) -> None:
    arrival = traces(9, bad=tuple(range(1, 8)))
    assert arrival.request is not None
    telemetry.answered(arrival, Outcome(7, arrival.request.batch.message))
    assert counts(metering, "items") == {("stored", "traces", "grpc"): 2, ("rejected", "traces", "grpc"): 7}
    assert reported(telemetry) == [("refused", "span …: span_id must be … bytes, not all zero", 7)]


async def test_items_whose_reasons_are_not_listed_are_reported_together(telemetry: Telemetry) -> None:
    telemetry.answered(traces(9), Outcome(4, "item 1: too odd; item 2: too even; and 2 more"))
    assert reported(telemetry) == [
        ("refused", "item …: too odd", 1),
        ("refused", "item …: too even", 1),
        ("refused", UNLISTED, 2),
    ]


async def test_a_repetition_is_no_second_storing(metering: Metering, telemetry: Telemetry) -> None:
    arrival = traces(3)
    assert arrival.request is not None
    telemetry.answered(arrival, Outcome(repeated=True))
    assert counts(metering, "items") == {("repeated", "traces", "grpc"): 3}
    ((place, line),) = telemetry.report.take()
    assert (place.kind, place.service, line.items) == ("repeated", "shop", 3)
    assert line.sample == {"digest": arrival.request.digest.hex()}


async def test_refusals_are_told_apart_by_whether_the_sender_may_try_again(
    metering: Metering, telemetry: Telemetry
) -> None:
    telemetry.refused(traces(3), Unavailable("too much is waiting"))
    telemetry.refused(Arrival("http", Signal.LOGS), Invalid("not JSON: line 1"))
    telemetry.refused(Arrival("http"), UnknownPath("nothing is received at /secret"))
    assert counts(metering, "refusals") == {
        ("Unavailable", "true", "traces", "grpc"): 1,
        ("Invalid", "false", "logs", "http"): 1,
        ("UnknownPath", "false", "unknown", "http"): 1,
    }
    assert reported(telemetry) == [
        ("deferred", "too much is waiting", 3),
        ("refused", "not JSON: line …", 0),
        ("refused", "nothing is received at this path", 0),
    ]


async def test_durations_are_counted_for_each_outcome(metering: Metering, telemetry: Telemetry) -> None:
    telemetry.answered(traces(1), Outcome())
    telemetry.abandoned(Arrival("http", Signal.LOGS))
    text = metering.text().decode()
    for outcome, signal, transport in (("stored", "traces", "grpc"), ("abandoned", "logs", "http")):
        labels = f'outcome="{outcome}",signal="{signal}",transport="{transport}"'
        assert f"otelgres_receiver_request_duration_seconds_count{{{labels}}} 1.0" in text
