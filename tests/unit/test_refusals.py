"""Each refusal by either transport: what is retryable says so, what is not says why."""

import json
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.rpc import code_pb2, error_details_pb2, status_pb2
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Outcome
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from receiver import answers, refusals

RETRYABLE_BY_HTTP = (429, 502, 503, 504)
RETRYABLE_BY_GRPC = (grpc.StatusCode.UNAVAILABLE,)
EVERY = [
    (refusals.Unavailable, 503, grpc.StatusCode.UNAVAILABLE),
    (refusals.SlowBody, 503, grpc.StatusCode.UNAVAILABLE),
    (refusals.Unforeseen, 503, grpc.StatusCode.UNAVAILABLE),
    (refusals.Invalid, 400, grpc.StatusCode.INVALID_ARGUMENT),
    (refusals.TooLarge, 413, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (refusals.Unauthenticated, 401, grpc.StatusCode.UNAUTHENTICATED),
    (refusals.Forbidden, 403, grpc.StatusCode.PERMISSION_DENIED),
    (refusals.UnknownPath, 404, grpc.StatusCode.UNIMPLEMENTED),
    (refusals.WrongMethod, 405, grpc.StatusCode.UNIMPLEMENTED),
    (refusals.UnsupportedMedia, 415, grpc.StatusCode.INVALID_ARGUMENT),
    (refusals.WrongPort, 400, grpc.StatusCode.INVALID_ARGUMENT),
]
RESPONSES: dict[Signal, tuple[Any, str]] = {
    Signal.TRACES: (ExportTraceServiceResponse, "rejected_spans"),
    Signal.LOGS: (ExportLogsServiceResponse, "rejected_log_records"),
    Signal.METRICS: (ExportMetricsServiceResponse, "rejected_data_points"),
}


def every_kind(kind: type[refusals.Refused]) -> set[type[refusals.Refused]]:
    return {kind}.union(*(every_kind(below) for below in kind.__subclasses__()))


def test_the_table_names_every_refusal() -> None:
    assert {kind for kind, _, _ in EVERY} | {refusals.Refused} == every_kind(refusals.Refused)


@pytest.mark.parametrize(("kind", "http_status", "grpc_status"), EVERY)
def test_both_transports_agree_on_what_is_retryable(
    kind: type[refusals.Refused], http_status: int, grpc_status: grpc.StatusCode
) -> None:
    refused = kind("the reason")
    assert (refused.http_status, refused.grpc_status) == (http_status, grpc_status)
    assert code_pb2.Code.Name(refused.rpc_code) == grpc_status.name
    assert refused.retryable == (http_status in RETRYABLE_BY_HTTP) == (grpc_status in RETRYABLE_BY_GRPC)
    status = status_pb2.Status.FromString(answers.refusal(refused))
    assert (status.code, status.message) == (refused.rpc_code, "the reason")
    assert json_format.Parse(answers.refusal_json(refused), status_pb2.Status()) == status


def test_a_retryable_refusal_carries_its_hint_in_both_trailers() -> None:
    trailers = dict(refusals.trailers_of(refusals.Unavailable("away")))
    alone = error_details_pb2.RetryInfo.FromString(trailers["google.rpc.retryinfo-bin"])
    packed = error_details_pb2.RetryInfo()
    (detail,) = status_pb2.Status.FromString(trailers["grpc-status-details-bin"]).details
    assert detail.Unpack(packed)
    assert alone == packed
    assert 1 <= alone.retry_delay.seconds <= 2


def test_a_permanent_refusal_carries_no_hint() -> None:
    for kind, status, _ in EVERY:
        if status != 503:
            trailers = refusals.trailers_of(kind("no"))
            assert [name for name, _ in trailers] == ["grpc-status-details-bin"]


def test_bad_data_is_named_in_json_as_the_protocol_shows_it() -> None:
    assert json.loads(answers.refusal_json(refusals.Invalid("no span"))) == {
        "code": 3,
        "message": "no span",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"description": "no span"}]}
        ],
    }


@pytest.mark.parametrize("signal", list(Signal))
def test_success(signal: Signal) -> None:
    response, rejected = RESPONSES[signal]
    assert answers.success(Outcome()) == b""
    assert answers.success_json(signal, Outcome()) == b"{}"
    for outcome in (Outcome(3, "three were bad"), Outcome(0, "a warning"), Outcome(2**40, None)):
        by_protobuf = response.FromString(answers.success(outcome))
        by_json = json_format.Parse(answers.success_json(signal, outcome), response())
        assert by_protobuf == by_json
        partial = by_protobuf.partial_success
        assert (getattr(partial, rejected), partial.error_message) == (outcome.rejected, outcome.message or "")
    shown = json.loads(answers.success_json(signal, Outcome(3, "x")))["partialSuccess"]
    assert "3" in shown.values()
