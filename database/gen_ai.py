"""The job that derives calls of models, retrievals and look-ups in caches from the spans that came."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from database import gen_ai_names, queries
from database.jobs import Report
from database.lease import Lease
from database.ranges import wanted

SQL = queries.load(__package__)
DERIVE = SQL["derive_gen_ai"].format(
    columns=gen_ai_names.columns(), record=gen_ai_names.record(), operation=gen_ai_names.operation()
)

# A query looks through so much of the writers' time. One that finds nothing is followed by one twice as long.
SLICE_US = 60_000_000
TRACES_AT_ONCE = 500


@dataclass(frozen=True)
class Call:
    """What a call of a model is priced by."""

    provider: str | None
    models: tuple[str, ...]
    at: datetime
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int


Price = Callable[[Call], float | None]
"""US dollars; None where no price is known. MAY be called in a thread."""


def unpriced(call: Call) -> None:
    """Knows no price."""


class GenAi:
    """Keeps enterprise.gen_ai_spans true to the spans: all rows of a trace are made anew whenever spans of it come.

    So a late span, or the person that only the root names, sets right what was derived before. What came is found by
    the positions of the writers, which miss nothing; what plain SQL commits later than half a minute after its `batch`
    is missed.
    """

    name = "gen_ai"
    interval = timedelta(seconds=10)
    timeout = timedelta(minutes=5)

    def __init__(self, lease: Lease, retention_days: int, price: Price = unpriced) -> None:
        self._lease = lease
        self._retention_days = retention_days
        self._price = price

    async def run_once(self, now: datetime) -> Report:
        oldest = wanted(now, self._retention_days).lower
        total = 0
        length = SLICE_US
        while True:
            async with self._lease.transaction() as connection:
                backlog = await connection.fetch(SQL["gen_ai_backlog"])
                end = min(row["since"] for row in backlog) + length
                due = [row for row in backlog if row["since"] < end]
                writers = [row["writer"] for row in due]
                after, upto = [row["after"] for row in due], [min(row["upto"], end) for row in due]
                traces = await connection.fetch(
                    SQL["gen_ai_traces"], writers, after, upto, oldest, min(after), max(upto), gen_ai_names.MARKERS
                )
            for some in _portions(traces):
                await self._derive(some)
            # Only now: a run that ends before does all of it again.
            async with self._lease.transaction() as connection:
                await connection.execute(SQL["move_gen_ai_positions"], writers, upto)
            total += len(traces)
            if end >= max(row["upto"] for row in backlog):
                return {"traces": total}
            length = SLICE_US if traces else 2 * length

    async def _derive(self, traces: Sequence[Any]) -> None:
        ids = [trace["trace_id"] for trace in traces]
        between = min(trace["earliest"] for trace in traces), max(trace["latest"] for trace in traces)
        async with self._lease.transaction() as connection:
            # The planner takes every trace for a small one, and nested loops over a large one take minutes.
            await connection.execute("SET LOCAL enable_nestloop = off")
            rows = await connection.fetch(DERIVE, ids, *between, gen_ai_names.MARKERS, list(gen_ai_names.CALLS))
            priced = await asyncio.to_thread(_priced, rows, self._price)
            await connection.execute(SQL["delete_gen_ai"], ids, *between)
            await connection.copy_records_to_table(
                "gen_ai_spans", schema_name="enterprise", columns=list(rows[0].keys()) if rows else None, records=priced
            )


def _portions(traces: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(traces), TRACES_AT_ONCE):
        yield traces[first : first + TRACES_AT_ONCE]


def _priced(rows: Sequence[Any], price: Price) -> list[tuple[Any, ...]]:
    """The rows, with a cost where a call has none and its price is known."""
    priced = []
    for row in rows:
        cost = price(_call(row)) if _to_price(row) else None
        computed = {} if cost is None else {"cost_usd": cost, "cost_source": "computed"}
        priced.append(tuple((dict(row) | computed).values()))
    return priced


def _to_price(row: Any) -> bool:
    tokens = row["input_tokens"] is not None or row["output_tokens"] is not None
    return row["role"] == "llm" and row["cost_usd"] is None and tokens


def _call(row: Any) -> Call:
    return Call(
        provider=row["provider"],
        models=tuple(model for model in (row["response_model"], row["request_model"]) if model),
        at=row["timestamp"],
        input_tokens=row["input_tokens"] or 0,
        output_tokens=row["output_tokens"] or 0,
        cache_read_tokens=row["cache_read_tokens"] or 0,
        cache_write_tokens=row["cache_write_tokens"] or 0,
    )
