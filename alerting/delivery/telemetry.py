"""What senders tell of themselves."""

from collections.abc import Callable, Iterable

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from alerting.delivery.outcome import Outcome

DURATIONS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Telemetry:
    """Instruments of the senders of a process. oldest: seconds since the oldest notice that is due was made."""

    def __init__(self, meter: Meter, oldest: Callable[[], float]) -> None:
        self._oldest = oldest
        self._durations = meter.create_histogram(
            "otelgres.alerts.delivery.attempt.duration",
            "s",
            "Attempts to tell a channel, by its kind and what came of them.",
            explicit_bucket_boundaries_advisory=DURATIONS,
        )
        meter.create_observable_gauge(
            "otelgres.alerts.delivery.oldest",
            [self._observe],
            "s",
            "Age of the oldest notice that is due and not told yet.",
        )

    def attempted(self, kind: str, outcome: Outcome, seconds: float) -> None:
        self._durations.record(seconds, {"kind": kind, "outcome": _named(outcome)})

    def _observe(self, options: CallbackOptions) -> Iterable[Observation]:
        yield Observation(self._oldest())


def _named(outcome: Outcome) -> str:
    if outcome.told:
        return "told" if outcome.error is None else "partly_told"
    return "put_off" if outcome.again else "refused"
