"""The services and operations that the load pretends to come from, and their shares of it."""

import random
from bisect import bisect
from itertools import accumulate

SERVICES = 50
OPERATIONS = 500

_AREAS = ("billing", "search", "orders", "account", "catalog", "delivery", "chat", "report", "media", "session")
_PARTS = ("api", "worker", "gateway", "store", "index")
_VERBS = ("find", "load", "store", "check", "merge", "rank", "sign", "send", "list", "drop")

SERVICE_NAMES = tuple(f"{area}-{part}" for part in _PARTS for area in _AREAS)


def operations_of(service: int) -> list[tuple[str, float]]:
    """The names of a service's operations, with their Zipf weight among all operations.

    Operation number r, from 1 to 500, has the weight 1/r and belongs to service (r - 1) modulo 50.
    """
    area = SERVICE_NAMES[service].partition("-")[0]
    ranks = range(service + 1, OPERATIONS + 1, SERVICES)
    return [(f"{area}.{verb}_{rank:03d}", 1 / rank) for verb, rank in zip(_VERBS, ranks, strict=True)]


def services_of_requests(count: int, rng: random.Random) -> list[int]:
    """The service of each of `count` requests: every service by its share, in random order."""
    shares = list(accumulate(sum(weight for _, weight in operations_of(each)) for each in range(SERVICES)))
    services = [bisect(shares, shares[-1] * (number + 0.5) / count) for number in range(count)]
    rng.shuffle(services)
    return services
