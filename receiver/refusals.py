"""Every answer other than success, for both transports. Retryable or permanent is decided here and nowhere else."""

from typing import Self

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

RETRY_AFTER_SECONDS = 1
"""Senders give up at once on a hint longer than what is left of their ten seconds."""
NO_PROFILES = "profiles are not taken: OTLP still develops them; traces, logs and metrics are"


class Refused(Exception):
    """A request that is not stored. `retryable` tells its sender to send it again. reason: for counting, where the
    text itself holds what the sender wrote."""

    http_status = 503
    grpc_status = grpc.StatusCode.UNAVAILABLE
    rpc_code = code_pb2.UNAVAILABLE
    retryable = True
    reason: str | None = None


class Unavailable(Refused):
    """Nothing is wrong with the request: the database is away, too much is waiting, or something unforeseen."""


class SlowBody(Unavailable):
    """The request's body stopped coming, or came too slowly; its connection is given up."""


class Unforeseen(Unavailable):
    """A defect of ours, its __cause__. It must leave as retryable, or the sender drops the data."""

    @classmethod
    def by(cls, error: Exception) -> Self:
        refused = cls("internal error")
        refused.__cause__ = error
        return refused


class Invalid(Refused):
    """The request can never be stored."""

    http_status = 400
    grpc_status = grpc.StatusCode.INVALID_ARGUMENT
    rpc_code = code_pb2.INVALID_ARGUMENT
    retryable = False


class TooLarge(Refused):
    http_status = 413
    grpc_status = grpc.StatusCode.RESOURCE_EXHAUSTED
    rpc_code = code_pb2.RESOURCE_EXHAUSTED
    retryable = False


class Unauthenticated(Refused):
    http_status = 401
    grpc_status = grpc.StatusCode.UNAUTHENTICATED
    rpc_code = code_pb2.UNAUTHENTICATED
    retryable = False


class Forbidden(Refused):
    """The sender is known, and may not send this."""

    http_status = 403
    grpc_status = grpc.StatusCode.PERMISSION_DENIED
    rpc_code = code_pb2.PERMISSION_DENIED
    retryable = False


class UnknownPath(Refused):
    reason = "nothing is received at this path"
    http_status = 404
    grpc_status = grpc.StatusCode.UNIMPLEMENTED
    rpc_code = code_pb2.UNIMPLEMENTED
    retryable = False


class WrongMethod(UnknownPath):
    reason = "the path takes another method"
    http_status = 405


class UnsupportedMedia(Invalid):
    reason = "the content type or encoding is not supported"
    http_status = 415


class WrongPort(Invalid):
    """Another protocol than that of the port."""


def status_of(refused: Refused) -> status_pb2.Status:
    """The google.rpc.Status that OTLP wants in the body of every refusal."""
    details = []
    if refused.retryable:
        retry = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=RETRY_AFTER_SECONDS))
        details.append(_packed(retry))
    elif isinstance(refused, Invalid):
        violation = error_details_pb2.BadRequest.FieldViolation(description=str(refused))
        details.append(_packed(error_details_pb2.BadRequest(field_violations=[violation])))
    return status_pb2.Status(code=refused.rpc_code, message=str(refused), details=details)


def _packed(message: error_details_pb2.RetryInfo | error_details_pb2.BadRequest) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


def trailers_of(refused: Refused) -> tuple[tuple[str, bytes], ...]:
    """gRPC metadata of a refusal. Go, Rust, .NET and the Collector read the hint from the status details, Python
    from a trailer of its own: it goes out twice."""
    status = status_of(refused)
    trailers = [("grpc-status-details-bin", status.SerializeToString())]
    if refused.retryable:
        trailers.append(("google.rpc.retryinfo-bin", status.details[0].value))
    return tuple(trailers)
