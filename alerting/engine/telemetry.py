"""What the engine says of itself, as instruments of the OpenTelemetry API."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from opentelemetry.metrics import CallbackOptions, Meter, Observation

DURATIONS = (0.005, 0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
LAGS = (0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)


class Telemetry:
    """rules: how many are evaluated here, by lane; leads: whether this process is the one."""

    def __init__(self, meter: Meter, rules: Callable[[], dict[str, int]], leads: Callable[[], bool]) -> None:
        self._rules = rules
        self._leads = leads
        self._durations = meter.create_histogram(
            "otelgres.alerts.evaluation.duration",
            "s",
            "Evaluations of rules, by outcome.",
            explicit_bucket_boundaries_advisory=DURATIONS,
        )
        self._lags = meter.create_histogram(
            "otelgres.alerts.evaluation.lag",
            "s",
            "How late evaluations begin.",
            explicit_bucket_boundaries_advisory=LAGS,
        )
        self._missed = meter.create_counter("otelgres.alerts.evaluations.missed", "{evaluation}", "Turns left out.")
        meter.create_observable_gauge(
            "otelgres.alerts.rules", [self._observe_rules], "{rule}", "Rules that are evaluated here."
        )
        meter.create_observable_gauge(
            "otelgres.alerts.leader", [self._observe_leader], "1", "1 where rules are evaluated, else 0."
        )

    def evaluated(self, outcome: str, duration: timedelta, lag: timedelta, missed: int) -> None:
        self._durations.record(duration.total_seconds(), {"outcome": outcome})
        self._lags.record(lag.total_seconds())
        if missed:
            self._missed.add(missed)

    def _observe_rules(self, options: CallbackOptions) -> Iterable[Observation]:
        for lane, count in self._rules().items():
            yield Observation(count, {"lane": lane})

    def _observe_leader(self, options: CallbackOptions) -> Iterable[Observation]:
        yield Observation(int(self._leads()))
