"""The load: Export requests that no digest has seen before, all made before the clock runs."""

import random
from enum import StrEnum

from benchmarks.ingest.catalogue import services_of_requests
from benchmarks.ingest.log_payloads import LogRequests
from benchmarks.ingest.span_payloads import SpanRequests

ITEMS_A_REQUEST = 512
# The same templates in every run and every process: runs differ in what is fresh only.
_SEED = 20_240_501


class Signal(StrEnum):
    SPANS = "spans"
    LOGS = "logs"


def make_requests(signal: Signal, count: int, now_ns: int) -> list[bytes]:
    """`count` serialized Export requests of 512 items, each of one service, services in Zipf order.

    Takes about 0.2 MB of memory a request of spans, 0.5 MB a request of logs.
    """
    fresh = random.Random()
    kind = SpanRequests if signal is Signal.SPANS else LogRequests
    services = services_of_requests(count, fresh)
    of_service = {service: kind(service, random.Random(_SEED + service)) for service in set(services)}
    return [of_service[service].make(now_ns, fresh) for service in services]
