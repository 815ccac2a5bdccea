"""What the load says it comes from, in OTLP's messages."""

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource


def text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def integer(key: str, value: int) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(int_value=value))


def resource(service: str) -> Resource:
    """The resource of a service as the SDKs describe it."""
    return Resource(
        attributes=[
            text("service.name", service),
            text("service.namespace", "benchmark"),
            text("service.version", "1.4.2"),
            text("service.instance.id", f"{service}-0"),
            text("deployment.environment.name", "production"),
            text("telemetry.sdk.language", "python"),
            text("telemetry.sdk.name", "opentelemetry"),
        ]
    )


def scope() -> InstrumentationScope:
    return InstrumentationScope(name="benchmarks.ingest", version="1.0.0")
