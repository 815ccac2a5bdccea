"""The load: Export requests that no digest has seen before, all made before the clock runs."""

import random
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from benchmarks.ingest.catalogue import services_of_requests
from benchmarks.ingest.log_payloads import LogRequests
from benchmarks.ingest.metric_payloads import MetricRequests
from benchmarks.ingest.span_payloads import SpanRequests

ITEMS_A_REQUEST = 512
# The same templates in every run and every process: runs differ in what is fresh only.
_SEED = 20_240_501


class Signal(StrEnum):
    SPANS = "spans"
    LOGS = "logs"
    METRICS = "metrics"


class _Requests(Protocol):
    def make(self, now_ns: int, rng: random.Random) -> bytes: ...


_KINDS: dict[Signal, Callable[[int, random.Random], _Requests]] = {
    Signal.SPANS: SpanRequests,
    Signal.LOGS: LogRequests,
    Signal.METRICS: MetricRequests,
}


def make_requests(signal: Signal, count: int, now_ns: int) -> list[bytes]:
    """`count` serialized Export requests of 512 items, each of one service, services in Zipf order.

    Takes about 0.2 MB of memory a request of spans, 0.5 MB a request of logs, 0.1 MB a request of metrics.
    """
    fresh = random.Random()
    services = services_of_requests(count, fresh)
    of_service = {service: _KINDS[signal](service, random.Random(_SEED + service)) for service in set(services)}
    return [of_service[service].make(now_ns, fresh) for service in services]
