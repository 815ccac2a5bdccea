"""Everything that one transaction writes: ledger, references, traces, rows, rollups; in this order and sorted, so that
writers cannot deadlock."""

from collections.abc import Iterable, Sequence

from opentelemetry.exporter.postgres import logs, metrics, rows, spans, traces
from opentelemetry.exporter.postgres.array_text import array
from opentelemetry.exporter.postgres.batch import Batch, Signal
from opentelemetry.exporter.postgres.connecting import Connection
from opentelemetry.exporter.postgres.copying import copy_points, copy_rows
from opentelemetry.exporter.postgres.parts import OperationDelta, TracePart
from opentelemetry.exporter.postgres.position import Position
from opentelemetry.exporter.postgres.references import add_references
from opentelemetry.exporter.postgres.requests import Outcome, Request
from opentelemetry.exporter.postgres.rollup import short
from opentelemetry.exporter.postgres.sql_text import sql

_OPEN_BATCH = sql("open_batch")
_FIND_OUTCOMES = sql("find_outcomes")
_CHANGE_OUTCOME = sql("change_outcome")
_ADD_OPERATION_DELTA = sql("add_operation_delta")
_ADD_LOG_DELTA = sql("add_log_delta")
_MERGE_TRACES = sql("merge_traces")

_TABLES = {Signal.TRACES: (spans.TABLE, spans.COLUMNS), Signal.LOGS: (logs.TABLE, logs.COLUMNS)}
_TRACES_A_STATEMENT = 5_000
"""Preparing the arguments of so many holds up the event loop for some 50 ms."""


async def open_ledger(connection: Connection, position: Position, requests: Sequence[Request]) -> dict[bytes, Outcome]:
    """Enters the requests' digests. Returns the outcomes of those that were stored before, by digest."""
    first_of = {request.digest: request for request in requests}
    digests = sorted(first_of)
    batches = [first_of[digest].batch for digest in digests]
    entered = await connection.fetch(
        _OPEN_BATCH,
        position.writer,
        position.batch,
        digests,
        [batch.signal for batch in batches],
        [batch.items for batch in batches],
        [batch.rejected for batch in batches],
        [batch.message for batch in batches],
    )
    slots: dict[bytes, int] = {}
    for row in entered:
        slots[row["digest"]] = slots.get(row["digest"], 0) + 1
    new = {row["digest"] for row in entered if slots[row["digest"]] == row["slots"]}
    repeated = [digest for digest in digests if digest not in new]
    if not repeated:
        return {}
    return {
        row["digest"]: Outcome(row["rejected"], row["message"], repeated=True)
        for row in await connection.fetch(_FIND_OUTCOMES, repeated)
    }


async def change_outcome(connection: Connection, digest: bytes, outcome: Outcome) -> None:
    """Corrects what the ledger says a request was answered."""
    await connection.execute(_CHANGE_OUTCOME, digest, outcome.rejected, outcome.message)


async def write_batches(connection: Connection, position: Position, batches: Sequence[Batch]) -> list[int]:
    """Writes the batches. Returns the ids that are known to be stored once the transaction is committed."""
    added = await add_references(connection, position, batches)
    parts = sorted(_merged_parts(batches).items())
    for start in range(0, len(parts), _TRACES_A_STATEMENT):
        some = parts[start : start + _TRACES_A_STATEMENT]
        await connection.execute(_MERGE_TRACES, *traces.columns(some, position.error_from_status))
    tail = rows.field(position.writer.to_bytes(4)) + rows.bigint(position.batch)
    for signal, (table, columns) in _TABLES.items():
        for leaf, leaf_rows in _by_leaf(position, batches, signal, table):
            await copy_rows(connection, leaf, columns, leaf_rows, tail)
    for leaf, leaf_rows in _by_leaf(position, batches, Signal.METRICS, metrics.TABLE):
        await copy_points(connection, leaf, leaf_rows, tail)
    await _add_deltas(connection, position, batches)
    return added


def _by_leaf(
    position: Position, batches: Sequence[Batch], signal: Signal, table: str
) -> Iterable[tuple[str, Sequence[bytes]]]:
    row_list: list[bytes] = []
    times: list[int] = []
    for batch in batches:
        if batch.signal is signal:
            row_list += batch.rows
            times += batch.times
    return position.leaves.split(table, row_list, times) if row_list else ()


def _merged_parts(batches: Sequence[Batch]) -> dict[bytes, TracePart]:
    """The parts of all batches, one a trace. The batches' own parts stay as they are."""
    if len(batches) == 1:
        return batches[0].traces
    merged: dict[bytes, TracePart] = {}
    owned: set[bytes] = set()
    for batch in batches:
        for trace_id, part in batch.traces.items():
            known = merged.get(trace_id)
            if known is None:
                merged[trace_id] = part
                continue
            if trace_id not in owned:
                owned.add(trace_id)
                known = merged[trace_id] = known.copy()
            known.merge(part)
    return merged


async def _add_deltas(connection: Connection, position: Position, batches: Sequence[Batch]) -> None:
    operations: dict[tuple[int, int], OperationDelta] = {}
    log_counts: dict[tuple[int, str, str], int] = {}
    for batch in batches:
        for place, delta in batch.operation_deltas.items():
            # Batches stay as they are: the transaction may have to be tried again.
            operations.setdefault(place, OperationDelta()).add(delta)
        for key, count in batch.log_deltas.items():
            log_counts[key] = log_counts.get(key, 0) + count
    if operations:
        deltas = operations.values()
        await connection.execute(
            _ADD_OPERATION_DELTA,
            position.writer,
            position.batch,
            array(minute for minute, _ in operations),
            array(operation for _, operation in operations),
            array(len(delta.buckets) for delta in deltas),
            array(delta.errors for delta in deltas),
            array(delta.duration_ns / 1e6 for delta in deltas),
            array(bucket for delta in deltas for bucket in delta.buckets),
        )
    if log_counts:
        await connection.execute(
            _ADD_LOG_DELTA,
            position.writer,
            position.batch,
            [traces.time_of(minute * 60_000_000) for minute, _, _ in log_counts],
            [short(service) for _, service, _ in log_counts],
            [level for _, _, level in log_counts],
            list(log_counts.values()),
        )
