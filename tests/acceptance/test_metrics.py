"""Metrics by every way in: kept field by field, once, and within the limit of series."""

import time
from collections.abc import Callable

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from tests import payloads, rows
from tests.otelgres_process import OtelgresProcess
from tests.senders import GrpcSender, post

Start = Callable[..., OtelgresProcess]


def answer_to(process: OtelgresProcess, request: ExportMetricsServiceRequest) -> ExportMetricsServiceResponse:
    answer = post(process, "metrics", request.SerializeToString())
    assert answer.status_code == 200
    return ExportMetricsServiceResponse.FromString(answer.content)


async def test_points_are_stored_once_however_often_they_come(receivers: Start) -> None:
    process = receivers()
    now = time.time_ns()
    first, again = (payloads.gauges(3, time_ns=now, value=value) for value in (1.0, 2.0))
    again.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points.add(time_unix_nano=now + 1, as_double=9)
    for request in (first, again):
        assert answer_to(process, request) == ExportMetricsServiceResponse()
    found = await rows.fetch(process.dsn, "SELECT value, time_nanos FROM enterprise.metric_points ORDER BY value")
    assert [row["value"] for row in found] == [1.0, 1.0, 1.0, 9.0]


async def test_a_service_may_have_so_many_series_and_the_ones_it_has_keep_flowing(receivers: Start) -> None:
    process = receivers(OTELGRES_MAX_SERIES_PER_SERVICE="5", OTELGRES_WORKERS="2")
    now = time.time_ns()
    assert answer_to(process, payloads.gauges(4, time_ns=now)) == ExportMetricsServiceResponse()
    partial = answer_to(process, payloads.gauges(8, time_ns=now + 10**9)).partial_success
    assert partial.rejected_data_points == 3
    assert "service shop has 5 live series" in partial.error_message
    assert "OTELGRES_MAX_SERIES_PER_SERVICE" in partial.error_message
    assert (
        answer_to(process, payloads.gauges(8, service="other", time_ns=now)).partial_success.rejected_data_points == 3
    )
    stored = await rows.fetch(
        process.dsn,
        "SELECT service_name, count(DISTINCT series_id) AS series, count(*) AS points "
        "FROM enterprise.metrics GROUP BY 1 ORDER BY 1",
    )
    assert [tuple(row.values()) for row in stored] == [("other", 5, 5), ("shop", 5, 9)]
    ledger = await rows.fetch(
        process.dsn, "SELECT DISTINCT digest, rejected, message FROM enterprise.ingest_batches WHERE rejected > 0"
    )
    assert [row["rejected"] for row in ledger] == [3, 3]
    assert process.output().count("look for an attribute whose values never end") == 2


async def test_a_retry_of_what_was_rejected_in_part_is_answered_the_same(receivers: Start) -> None:
    process = receivers(OTELGRES_MAX_SERIES_PER_SERVICE="5")
    request = payloads.gauges(8, time_ns=time.time_ns())
    first = answer_to(process, request)
    assert first.partial_success.rejected_data_points == 3
    assert answer_to(process, request) == first


async def test_grpc_says_which_points_were_rejected(receivers: Start) -> None:
    process = receivers()
    request = payloads.gauges(2, time_ns=time.time_ns())
    request.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[1].time_unix_nano = 0
    async with GrpcSender(process.otlp_grpc_target) as sender:
        answer = ExportMetricsServiceResponse.FromString(await sender.send("metrics", request.SerializeToString()))
    assert answer.partial_success.rejected_data_points == 1
    assert answer.partial_success.error_message == "point 1: time_unix_nano is not set"
