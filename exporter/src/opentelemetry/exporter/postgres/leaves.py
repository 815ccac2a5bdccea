"""Which leaf partition a row belongs to. PostgreSQL checks every row, so a stale answer fails and is refreshed."""

import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import asyncpg
from opentelemetry.exporter.postgres.sql_text import sql

_LIST_PARTITIONS = sql("list_partitions")


class Leaves:
    """The ranges of the partitioned tables, in µs since 1970."""

    def __init__(self) -> None:
        self._ranges: dict[str, list[tuple[int, int, str]]] = {}
        self._starts: dict[str, list[int]] = {}
        self._defaults: dict[str, str] = {}
        self._refreshed = 0.0

    @property
    def age(self) -> float:
        """Seconds since the last look."""
        return time.monotonic() - self._refreshed

    async def refresh(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        found = await connection.fetch(_LIST_PARTITIONS)
        self._refreshed = time.monotonic()
        self._ranges.clear()
        self._defaults.clear()
        for row in found:
            if row["is_default"]:
                self._defaults[row["parent"]] = row["child"]
            else:
                self._ranges.setdefault(row["parent"], []).append((row["lower_us"], row["upper_us"], row["child"]))
        self._starts = {table: [lower for lower, _, _ in ranges] for table, ranges in self._ranges.items()}

    def _leaf(self, table: str, time_us: int) -> tuple[int, int, str]:
        """The range around a time, and its table; an empty range where only DEFAULT takes the row."""
        index = bisect_right(self._starts.get(table, []), time_us) - 1
        if index >= 0:
            found = self._ranges[table][index]
            if time_us < found[1]:
                return found
        return time_us, time_us + 1, self._defaults.get(table, f"{table}_default")

    def split(self, table: str, rows: Sequence[bytes], times: Sequence[int]) -> Iterator[tuple[str, Sequence[bytes]]]:
        """The rows by leaf. Almost always all of them belong to one."""
        lower, upper, leaf = self._leaf(table, min(times))
        if max(times) < upper:
            yield leaf, rows
            return
        by_leaf: dict[str, list[bytes]] = {}
        for row, time_us in zip(rows, times, strict=True):
            if not lower <= time_us < upper:
                lower, upper, leaf = self._leaf(table, time_us)
            by_leaf.setdefault(leaf, []).append(row)
        yield from sorted(by_leaf.items())
