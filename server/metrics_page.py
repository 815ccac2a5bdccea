"""GET /metrics: what every process of this Otelgres tells of itself, in Prometheus's text format."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server.metering import Metering
from server.metrics_sockets import collected, directory_of

PATH = "/metrics"
ANSWER_SECONDS = 1.0


class MetricsPage:
    """ASGI application. Every sample carries a label `worker`: a receiver's number, or the name of this process.

    directory: where the receivers offer theirs, or None. own: the text of this process by its name.
    A receiver that does not answer within a second is left out and counted.
    """

    def __init__(self, directory: Path | None, own: Mapping[str, Callable[[], bytes]]) -> None:
        self._directory = directory
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        texts = {name: text().decode() for name, text in self._own.items()}
        silent = 0
        if self._directory is not None:
            others, silent = await collected(self._directory, ANSWER_SECONDS)
            texts |= others
        response = Response(generate_latest(_Merged(texts, silent)), media_type=CONTENT_TYPE_LATEST)
        await response(scope, receive, send)


def receivers_page(metering: Metering, environment: Mapping[str, str]) -> MetricsPage:
    """The page of one receiver for all of them; of itself alone where nobody supervises it."""
    directory = directory_of(environment)
    return MetricsPage(directory, {} if directory else {"1": metering.text})


class WithMetrics:
    """ASGI application: the metrics at their path, another application everywhere else."""

    def __init__(self, app: ASGIApp, metrics: ASGIApp) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._metrics if scope["path"] == PATH else self._app)(scope, receive, send)


class _Merged(Collector):
    """One family for each name, whoever it came from."""

    def __init__(self, texts: Mapping[str, str], silent: int) -> None:
        self._texts = texts
        self._silent = silent

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for worker, text in self._texts.items():
            for family in text_string_to_metric_families(text):
                merged = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                merged.samples += [
                    sample._replace(labels=sample.labels | {"worker": worker}) for sample in family.samples
                ]
        yield from families.values()
        yield GaugeMetricFamily(
            "otelgres_metrics_silent_workers", "Receivers whose metrics could not be had.", value=self._silent
        )
