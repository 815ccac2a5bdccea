"""The shapes of what Jaeger's query API answers."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from query_api.jaeger.errors import Mistake

ID = "5b8aa5a2d2c872e8321cf37308d69df2"
SPAN_ID = "051581bf3cb55c13"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class JaegerKeyValue(_Strict):
    """An attribute. int64 beyond 2^53 is text."""

    key: str = Field(examples=["http.route"])
    type: Literal["string", "bool", "int64", "float64"]
    value: Any = Field(examples=["/chat"])


class JaegerReference(_Strict):
    """Another span: the parent, or one that is linked."""

    refType: Literal["CHILD_OF", "FOLLOWS_FROM"]
    traceID: str = Field(examples=[ID])
    spanID: str = Field(examples=[SPAN_ID])


class JaegerLog(_Strict):
    """An event."""

    timestamp: int = Field(examples=[1790000000000000], description="Microseconds since 1970.")
    fields: list[JaegerKeyValue]


class JaegerSpan(_Strict):
    """A span."""

    traceID: str = Field(examples=[ID])
    spanID: str = Field(examples=[SPAN_ID])
    operationName: str = Field(examples=["POST /chat"])
    references: list[JaegerReference]
    startTime: int = Field(examples=[1790000000000000], description="Microseconds since 1970.")
    duration: int = Field(examples=[1500], description="Microseconds.")
    tags: list[JaegerKeyValue]
    logs: list[JaegerLog]
    processID: str = Field(examples=["p1"])
    warnings: list[str] | None


class JaegerProcess(_Strict):
    """What emitted spans."""

    serviceName: str = Field(examples=["shop"])
    tags: list[JaegerKeyValue]


class JaegerTrace(_Strict):
    """A trace."""

    traceID: str = Field(examples=[ID])
    spans: list[JaegerSpan]
    processes: dict[str, JaegerProcess]
    warnings: list[str] | None


class JaegerOperation(_Strict):
    """A name of spans, and their kind; empty where it is not known."""

    name: str = Field(examples=["POST /chat"])
    spanKind: str = Field(examples=["server"])


class Dependency(_Strict):
    """Calls of one service by another."""

    parent: str = Field(examples=["shop"])
    child: str = Field(examples=["cart"])
    callCount: int = Field(examples=[120])


class _Envelope(_Strict):
    total: int = Field(examples=[0])
    limit: int = Field(examples=[0])
    offset: int = Field(examples=[0])


class JaegerNames(_Envelope):
    """Names in order."""

    data: list[str]
    errors: None = None


class JaegerOperations(_Envelope):
    """Operations in order."""

    data: list[JaegerOperation]
    errors: None = None


class JaegerTraces(_Envelope):
    """Traces; errors: of ids that were asked for and are not there."""

    data: list[JaegerTrace]
    errors: list[Mistake] | None


class Dependencies(_Envelope):
    """Calls, most first."""

    data: list[Dependency]
    errors: None = None
