"""How instruments are added up: what was passed goes before the environment, and nothing is fatal."""

import pytest
from opentelemetry.exporter.postgres import metric_preferences
from opentelemetry.exporter.postgres.metric_exporter import PostgresMetricExporter
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider, ObservableCounter, UpDownCounter
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation

CUMULATIVE, DELTA = AggregationTemporality.CUMULATIVE, AggregationTemporality.DELTA
TEMPORALITY = "OTEL_EXPORTER_POSTGRES_METRICS_TEMPORALITY_PREFERENCE"
AGGREGATION = "OTEL_EXPORTER_POSTGRES_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"
EXPONENTIAL = "base2_exponential_bucket_histogram"


@pytest.mark.parametrize(
    ("given", "environment", "deltas"),
    [
        (None, None, set()),
        (None, "", set()),
        (None, "DELTA", {Counter, ObservableCounter, Histogram}),
        ("cumulative", "delta", set()),
        ("low_memory", "delta", {Counter, Histogram}),
        (" LowMemory ", None, {Counter, Histogram}),
    ],
)
def test_temporality(
    monkeypatch: pytest.MonkeyPatch, given: str | None, environment: str | None, deltas: set[type]
) -> None:
    if environment is not None:
        monkeypatch.setenv(TEMPORALITY, environment)
    chosen = metric_preferences.temporality(given)
    assert {kind for kind, temporality in chosen.items() if temporality is DELTA} == deltas


@pytest.mark.parametrize(
    ("given", "environment", "exponential"),
    [(None, None, False), (None, EXPONENTIAL, True), ("explicit_bucket_histogram", EXPONENTIAL, False)],
)
def test_aggregation(
    monkeypatch: pytest.MonkeyPatch, given: str | None, environment: str | None, exponential: bool
) -> None:
    if environment is not None:
        monkeypatch.setenv(AGGREGATION, environment)
    chosen = metric_preferences.aggregation(given)
    assert isinstance(chosen.get(Histogram), ExponentialBucketHistogramAggregation) is exponential


def test_an_unknown_name_is_told_and_the_default_taken(caplog: pytest.LogCaptureFixture) -> None:
    assert metric_preferences.temporality("sometimes") == {}
    assert metric_preferences.aggregation("buckets") == {}
    assert [record.getMessage() for record in caplog.records] == [
        "'sometimes' is none of cumulative, delta, lowmemory, low_memory: cumulative is used",
        "'buckets' is none of explicit_bucket_histogram, base2_exponential_bucket_histogram: "
        "explicit_bucket_histogram is used",
    ]


def test_what_is_said_of_an_instrument_goes_before() -> None:
    exporter = PostgresMetricExporter(
        preferred_temporality={Counter: CUMULATIVE, UpDownCounter: DELTA}, temporality_preference="delta"
    )
    # The reader takes no other keys and values than those that the SDK knows.
    MeterProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=float("inf"))]).shutdown()
    assert exporter._preferred_temporality == {
        Counter: CUMULATIVE,
        ObservableCounter: DELTA,
        Histogram: DELTA,
        UpDownCounter: DELTA,
    }
