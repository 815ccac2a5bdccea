"""What the live tail tells of itself."""

from opentelemetry.metrics import Meter, Observation

DELAYS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class TailTelemetry:
    """A TailObserver that turns what it hears into instruments."""

    def __init__(self, meter: Meter) -> None:
        self._clients = self._read = self._delivered = self._skipped = 0
        meter.create_observable_gauge(
            "otelgres.tail.clients",
            [lambda _: [Observation(self._clients)]],
            "{client}",
            "Clients that watch logs as they come.",
        )
        meter.create_observable_counter(
            "otelgres.tail.read",
            [lambda _: [Observation(self._read)]],
            "{log}",
            "Logs fetched for the live tail, each once for all clients at one position.",
        )
        meter.create_observable_counter(
            "otelgres.tail.delivered",
            [lambda _: [Observation(self._delivered)]],
            "{log}",
            "Logs sent to clients of the live tail.",
        )
        meter.create_observable_counter(
            "otelgres.tail.skipped",
            [lambda _: [Observation(self._skipped)]],
            "{log}",
            "Logs left out of what a client gets because it was slow; it was told.",
        )
        self._delays = meter.create_histogram(
            "otelgres.tail.delay",
            "s",
            "From the begin of the transaction that stored a log until a client takes it, of the first it takes.",
            explicit_bucket_boundaries_advisory=DELAYS,
        )

    def watching(self, clients: int) -> None:
        self._clients = clients

    def read(self, logs: int) -> None:
        self._read += logs

    def skipped(self, logs: int) -> None:
        self._skipped += logs

    def delivered(self, logs: int, seconds: float | None) -> None:
        self._delivered += logs
        if seconds is not None:
            self._delays.record(seconds)
