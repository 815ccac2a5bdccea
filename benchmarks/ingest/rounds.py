"""Runs, in rounds that each hold every way once, so that what disturbs the machine meets all of them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from benchmarks.ingest import measure, tables
from benchmarks.ingest.payloads import ITEMS_A_REQUEST, Signal
from benchmarks.ingest.sender import KEY_VARIABLE, Sender
from benchmarks.ingest.stage import HOST, Receivers, Stage

WARM_UP_REQUESTS = 10


class Way(StrEnum):
    """How items get into the tables. COPY is the baseline."""

    COPY = "copy"
    GRPC = "grpc"
    GRPC_KEY = "grpc+key"
    HTTP = "http"
    HTTP_KEY = "http+key"

    @property
    def transport(self) -> str:
        return self.partition("+")[0]

    @property
    def has_key(self) -> bool:
        return self.endswith("+key")

    @property
    def with_key(self) -> "Way":
        return Way(f"{self.transport}+key")


@dataclass(frozen=True)
class Run:
    """One run. seconds: from the first request to the moment at which all rows were visible.

    cpu_seconds: by process group. receiver_bytes: its memory at the end of the run. heap_bytes, total_bytes: the
    leaves that hold the rows, without and with their indexes. transactions: that the ledger knows; none by COPY.
    """

    signal: Signal
    way: Way
    round: int
    items: int
    seconds: float
    cpu_seconds: dict[str, float]
    receiver_bytes: int
    heap_bytes: int
    total_bytes: int
    transactions: int

    @property
    def rate(self) -> float:
        """Durable items a second."""
        return self.items / self.seconds

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"items_per_second": self.rate}


async def rounds(
    stage: Stage,
    signals: Sequence[Signal],
    ways: Sequence[Way],
    *,
    count: int,
    requests: int,
    concurrency: int,
    finished: Callable[[Run], None],
) -> list[Run]:
    """`count` rounds for each signal, each round starting with another way, after a short one that warms up."""
    runs = []
    for signal in signals:
        for way in ways:
            await run(stage, signal, way, 0, min(requests, WARM_UP_REQUESTS), concurrency)
        for number in range(1, count + 1):
            first = number % len(ways)
            for way in [*ways[first:], *ways[:first]]:
                runs.append(await run(stage, signal, way, number, requests, concurrency))
                finished(runs[-1])
    return runs


async def run(stage: Stage, signal: Signal, way: Way, number: int, requests: int, concurrency: int) -> Run:
    """One run into empty tables. Raises RowsMissing or SenderFailed unless every item became a row."""
    async with _sender(stage, signal, way, requests, concurrency) as sender:
        await tables.make_fresh(stage.connection)
        receivers = receivers_of(stage, way)
        groups = {"loader": [sender.pid], **stage.groups(receivers)}
        before = measure.usage(groups)
        began = time.perf_counter()
        items = await sender.run()
        after = measure.usage(groups)
    if items != requests * ITEMS_A_REQUEST:
        raise tables.RowsMissing(f"{items} {signal} were acknowledged of {requests * ITEMS_A_REQUEST} sent")
    visible = await tables.seen_at(stage.connection, signal, items)
    size = await tables.size(stage.connection, signal)
    return Run(
        signal=signal,
        way=way,
        round=number,
        items=items,
        seconds=visible - began,
        cpu_seconds={name: after[name] - before[name] for name in groups},
        receiver_bytes=measure.resident_bytes(receivers.pids),
        heap_bytes=size.heap,
        total_bytes=size.total,
        transactions=await tables.transactions(stage.connection),
    )


def receivers_of(stage: Stage, way: Way) -> Receivers:
    """Those that a way goes to; of COPY, which goes to none, the ones that would be idle."""
    if not way.has_key:
        return stage.receivers
    assert stage.keyed is not None
    return stage.keyed


def _sender(stage: Stage, signal: Signal, way: Way, requests: int, concurrency: int) -> Sender:
    if way is Way.COPY:
        return Sender("benchmarks.ingest.baseline", signal, str(requests), environment={"OTELGRES_DSN": stage.dsn})
    receivers = receivers_of(stage, way)
    port = receivers.ports[way.transport]
    arguments = (signal, way.transport, HOST, str(port), str(requests), str(concurrency))
    environment = {} if receivers.key is None else {KEY_VARIABLE: receivers.key}
    return Sender("benchmarks.ingest.loader", *arguments, environment=environment)
