"""The one place where our own metrics begin: instruments of the OpenTelemetry API, read as Prometheus text."""

from importlib.metadata import version

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import Meter
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest


class Metering:
    """The metrics of this process.

    They belong to no global provider. A reader that sends them into Otelgres itself belongs here as well, and MUST
    write past the receivers, which would else count their own counting.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._provider = MeterProvider(
            [PrometheusMetricReader(registry=self.registry, scope_info_enabled=False, disable_target_info=True)],
            resource=Resource.create({"service.name": "otelgres", "service.version": version("otelgres")}),
            exemplar_filter=AlwaysOffExemplarFilter(),
            shutdown_on_exit=False,
        )

    @property
    def meter(self) -> Meter:
        return self._provider.get_meter("otelgres", version("otelgres"))

    def text(self) -> bytes:
        """All metrics of this process in Prometheus's text format."""
        return generate_latest(self.registry)

    def close(self) -> None:
        self._provider.shutdown()
