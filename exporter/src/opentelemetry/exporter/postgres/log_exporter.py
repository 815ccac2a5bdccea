"""Log records from the SDK into PostgreSQL."""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.outlet import Outlet
from opentelemetry.exporter.postgres.request_encoding import encode_items
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult


class PostgresLogExporter(LogRecordExporter):
    """Stores log records, SUCCESS only after the COMMIT. Arguments and promises are those of PostgresSpanExporter."""

    def __init__(
        self,
        dsn: str | None = None,
        timeout_millis: float | None = None,
        attribute_rules: str | None = None,
        attribute_hash_key: str | None = None,
    ) -> None:
        self._outlet = Outlet(Signal.LOGS, dsn, timeout_millis, attribute_rules, attribute_hash_key)

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        stored = self._outlet.export(lambda: encode_items(encode_logs, batch))
        return LogRecordExportResult.SUCCESS if stored else LogRecordExportResult.FAILURE

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._outlet.force_flush(timeout_millis)

    def shutdown(self, timeout_millis: float = 30_000) -> None:
        self._outlet.shutdown(timeout_millis)
