"""What the clients look for in the load of benchmarks.ingest, and the same by hand in SQL."""

from collections.abc import Iterator
from itertools import cycle, islice

from benchmarks.ingest.catalogue import SERVICE_NAMES, operations_of


def filters(count: int) -> list[tuple[str, str]]:
    """`count` pairs of a search and a condition on enterprise.structured_logs."""
    return list(islice(cycle(_filters()), count))


def _filters() -> Iterator[tuple[str, str]]:
    yield "level:ERROR", "level = 'ERROR'"
    yield "level:>=WARNING", "level IN ('WARNING', 'ERROR', 'CRITICAL')"
    yield "-level:INFO thread.name:worker-3", "level <> 'INFO' AND extra ->> 'thread.name' = 'worker-3'"
    yield "code.line.number:>800", "(extra ->> 'code.line.number')::integer > 800"
    yield "thread.name:worker-1*", "extra ->> 'thread.name' LIKE 'worker-1%'"
    for number in range(6):
        service = SERVICE_NAMES[number * 3]
        yield f"service:{service}", f"service_name = '{service}'"
    for number in range(5):
        yield (
            f"server.address:node-{number:02d}.internal.example OR thread.name:worker-{number}",
            f"extra ->> 'server.address' = 'node-{number:02d}.internal.example' "
            f"OR extra ->> 'thread.name' = 'worker-{number}'",
        )
    for rank in range(4):
        name, _ = operations_of(rank)[0]
        yield (
            f'"{name}" level:>INFO',
            f"level NOT IN ('DEBUG', 'INFO') "
            f"AND to_tsvector('english', message) @@ phraseto_tsquery('english', '{name}')",
        )
