"""Bodies of answers, as protobuf and as JSON."""

import json

from google.protobuf import json_format
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Outcome
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from receiver.refusals import Refused, status_of

_REJECTED = {
    Signal.TRACES: "rejectedSpans",
    Signal.LOGS: "rejectedLogRecords",
    Signal.METRICS: "rejectedDataPoints",
}


def success(outcome: Outcome) -> bytes:
    """Any Export*ServiceResponse: they differ in names only. Empty on full success."""
    if not outcome.rejected and not outcome.message:
        return b""
    partial = ExportTracePartialSuccess(rejected_spans=outcome.rejected, error_message=outcome.message or "")
    return ExportTraceServiceResponse(partial_success=partial).SerializeToString()


def success_json(signal: Signal, outcome: Outcome) -> bytes:
    if not outcome.rejected and not outcome.message:
        return b"{}"
    partial = {_REJECTED[signal]: str(outcome.rejected), "errorMessage": outcome.message or ""}
    return json.dumps({"partialSuccess": partial}).encode()


def refusal(refused: Refused) -> bytes:
    body: bytes = status_of(refused).SerializeToString()
    return body


def refusal_json(refused: Refused) -> bytes:
    text: str = json_format.MessageToJson(status_of(refused), indent=None)
    return text.encode()
