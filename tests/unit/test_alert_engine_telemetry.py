"""What the engine says of itself to Prometheus."""

from datetime import timedelta

from alerting.engine.telemetry import Telemetry
from server.metering import Metering

SECOND = timedelta(seconds=1)


def test_evaluations_lag_and_rules_are_counted() -> None:
    metering = Metering()
    telemetry = Telemetry(metering.meter, lambda: {"fast": 5, "slow": 1}, lambda: True)
    telemetry.evaluated("evaluated", SECOND, SECOND / 4, 0)
    telemetry.evaluated("failed", SECOND, 2 * SECOND, 3)
    lines = metering.text().decode().splitlines()
    metering.close()
    for line in (
        'otelgres_alerts_evaluation_duration_seconds_count{outcome="evaluated"} 1.0',
        'otelgres_alerts_evaluation_duration_seconds_count{outcome="failed"} 1.0',
        "otelgres_alerts_evaluation_lag_seconds_sum 2.25",
        "otelgres_alerts_evaluations_missed_total 3.0",
        'otelgres_alerts_rules{lane="fast"} 5.0',
        'otelgres_alerts_rules{lane="slow"} 1.0',
        "otelgres_alerts_leader 1.0",
    ):
        assert line in lines
