"""Spans from the SDK into PostgreSQL."""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.outlet import Outlet
from opentelemetry.exporter.postgres.request_encoding import encode_items
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult


class PostgresSpanExporter(SpanExporter):
    """Stores spans, SUCCESS only after the COMMIT.

    dsn: postgresql://user:password@host:port/database, else OTEL_EXPORTER_POSTGRES_DSN. timeout_millis: how long one
    export may take, else OTEL_EXPORTER_POSTGRES_TIMEOUT, else 10,000. attribute_rules and attribute_hash_key: a file of
    rules about what may be stored, and the key of their hashes, else OTEL_EXPORTER_POSTGRES_ATTRIBUTE_RULES and
    _ATTRIBUTE_HASH_KEY; where they cannot be used nothing is stored. No method raises.
    """

    def __init__(
        self,
        dsn: str | None = None,
        timeout_millis: float | None = None,
        attribute_rules: str | None = None,
        attribute_hash_key: str | None = None,
    ) -> None:
        self._outlet = Outlet(Signal.TRACES, dsn, timeout_millis, attribute_rules, attribute_hash_key)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        stored = self._outlet.export(lambda: encode_items(encode_spans, spans))
        return SpanExportResult.SUCCESS if stored else SpanExportResult.FAILURE

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._outlet.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000) -> None:
        self._outlet.shutdown(timeout_millis)
