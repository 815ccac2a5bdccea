"""What PostgreSQL takes at best over one connection: `python -m benchmarks.ingest.baseline SIGNAL REQUESTS`.

The same rows as the exporter's, into the same leaves, as binary COPY streams that are finished before it is ready:
5,000 rows a transaction, and nothing besides: no ledger, no traces, no rollups. OTELGRES_DSN names the database.
"""

import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import uvloop
from opentelemetry.exporter.postgres import logs, metrics, rows, spans
from opentelemetry.exporter.postgres.batch import Signal as OtlpSignal
from opentelemetry.exporter.postgres.leaves import Leaves
from opentelemetry.exporter.postgres.requests import Decoder

from benchmarks.ingest import start_line
from benchmarks.ingest.payloads import Signal, make_requests

ROWS_A_TRANSACTION = 5000
_ROWS_A_CHUNK = 512
_TABLES = {
    Signal.SPANS: (OtlpSignal.TRACES, spans.TABLE, spans.COLUMNS),
    Signal.LOGS: (OtlpSignal.LOGS, logs.TABLE, logs.COLUMNS),
    Signal.METRICS: (OtlpSignal.METRICS, metrics.TABLE, metrics.COLUMNS),
}


@dataclass(frozen=True)
class Transaction:
    """The COPY streams of one transaction, by leaf, each in chunks."""

    streams: list[tuple[str, list[bytes]]]


def prepare(signal: Signal, requests: int, leaves: Leaves) -> list[Transaction]:
    """The transactions of a run."""
    otlp_signal, table, _ = _TABLES[signal]
    decoder = Decoder()
    tail = rows.field(bytes(4)) + rows.bigint(time.time_ns() // 1000)
    copy_rows: list[bytes] = []
    times: list[int] = []
    for body in make_requests(signal, requests, time.time_ns()):
        batch = decoder.decode(otlp_signal, body, time.time_ns())
        copy_rows += [row + tail for row in batch.rows]
        times += batch.times
    cuts = [slice(start, start + ROWS_A_TRANSACTION) for start in range(0, len(copy_rows), ROWS_A_TRANSACTION)]
    return [
        Transaction([(leaf, _chunks(part)) for leaf, part in leaves.split(table, copy_rows[cut], times[cut])])
        for cut in cuts
    ]


def _chunks(copy_rows: Sequence[bytes]) -> list[bytes]:
    cuts = range(0, len(copy_rows), _ROWS_A_CHUNK)
    return [rows.HEADER, *(b"".join(copy_rows[cut : cut + _ROWS_A_CHUNK]) for cut in cuts), rows.TRAILER]


async def copy(connection: Any, columns: Sequence[str], transactions: Sequence[Transaction]) -> int:
    """Commit the transactions one by one; return the number of rows."""
    copied = 0
    for transaction in transactions:
        async with connection.transaction():
            for leaf, chunks in transaction.streams:
                status = await connection.copy_to_table(
                    leaf,
                    schema_name="enterprise",
                    columns=columns,
                    source=_stream(chunks),
                    format="binary",
                )
                copied += int(status.removeprefix("COPY "))
    return copied


async def _stream(chunks: Sequence[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def main(dsn: str, signal: Signal, requests: int) -> None:
    """One run."""
    connection = await asyncpg.connect(dsn, server_settings={"application_name": "otelgres benchmark"})
    try:
        leaves = Leaves()
        await leaves.refresh(connection)
        transactions = prepare(signal, requests, leaves)
        start_line.ready()
        start_line.done(await copy(connection, _TABLES[signal][2], transactions))
    finally:
        await connection.close()


if __name__ == "__main__":
    uvloop.run(main(os.environ["OTELGRES_DSN"], Signal(sys.argv[1]), int(sys.argv[2])))
