"""What OpenTelemetry's exporters to Zipkin write into tags, taken out of them again."""

from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from receiver.translation.attributes import Scalar

Tags = dict[str, Scalar]

_OF_RESOURCES = (
    "cloud.",
    "container.",
    "deployment.",
    "host.",
    "k8s.",
    "os.",
    "process.",
    "service.",
    "telemetry.sdk.",
    "telemetry.distro.",
)
# Conventions give these names to attributes of spans.
_OF_SPANS = ("service.peer.",)
_CODES = {"OK": Status.STATUS_CODE_OK, "ERROR": Status.STATUS_CODE_ERROR}


def take_resource(tags: Tags) -> dict[str, str]:
    """Tags that are attributes of the resource, as text."""
    names = [name for name in tags if name.startswith(_OF_RESOURCES) and not name.startswith(_OF_SPANS)]
    return {name: str(tags.pop(name)) for name in names}


def scope_of(tags: Tags) -> InstrumentationScope:
    """By the names of today, or those of before."""
    return InstrumentationScope(
        name=_first(tags, "otel.scope.name", "otel.library.name"),
        version=_first(tags, "otel.scope.version", "otel.library.version"),
    )


def _first(tags: Tags, *names: str) -> str:
    """All of them are taken out."""
    found = [str(tags.pop(name)) for name in names if name in tags]
    return found[0] if found else ""


def status_of(tags: Tags) -> Status:
    """A tag `error` says that the span failed, whatever it holds but "false"; what it holds is the message."""
    told = str(tags.pop("otel.status_code", "")).removeprefix("STATUS_CODE_").upper()
    error = tags.pop("error", False)
    failed = error is not False and str(error).lower() != "false"
    code = Status.STATUS_CODE_ERROR if failed else _CODES.get(told, Status.STATUS_CODE_UNSET)
    message = "" if error is True or not failed or str(error).lower() == "true" else str(error)
    return Status(code=code, message=message or str(tags.pop("otel.status_description", "")))
