"""What the receiver tells of its writer."""

from collections.abc import Sequence

from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.faults import Fault
from opentelemetry.metrics import Meter

from receiver.tally import Tally
from receiver.telemetry import DURATIONS

GROUP_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)


class WriterTelemetry:
    """A WriterObserver that turns what it hears into instruments."""

    def __init__(self, meter: Meter) -> None:
        self._durations = meter.create_histogram(
            "otelgres.writer.commit.duration",
            "s",
            "From a transaction's BEGIN to its COMMIT.",
            explicit_bucket_boundaries_advisory=DURATIONS,
        )
        self._sizes = meter.create_histogram(
            "otelgres.writer.commit.requests",
            "{request}",
            "Requests that one transaction stored.",
            explicit_bucket_boundaries_advisory=GROUP_SIZES,
        )
        self._rows = Tally(
            meter, "otelgres.writer.rows", "{row}", "Spans and log records copied and committed.", ("signal",)
        )
        self._repeated = Tally(
            meter,
            "otelgres.writer.ledger.hits",
            "{request}",
            "Requests found in the ledger, that is, stored before.",
            (),
        )
        self._faults = Tally(
            meter, "otelgres.writer.faults", "{fault}", "Failed transactions and connections by kind.", ("fault",)
        )

    def committed(self, seconds: float, requests: int, repeated: int, batches: Sequence[Batch]) -> None:
        self._durations.record(seconds)
        self._sizes.record(requests)
        if repeated:
            self._repeated.add(repeated)
        for batch in batches:
            self._rows.add(len(batch.rows), batch.signal.name.lower())

    def failed(self, fault: Fault) -> None:
        self._faults.add(1, fault.value)
