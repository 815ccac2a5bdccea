"""Metrics as writers store them: series, and points in batches; rolled up by the real job."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from database import pool
from database.lease import Lease
from database.metric_rollup import MetricRollup
from tests.conftest import run
from tests.prepared_database import RETENTION_DAYS
from tests.served_api import sql

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
Point = dict[str, Any]


class Metered:
    """One writer of a database. Its points count as not rolled up until `roll_up`."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        [[self._writer]] = sql(
            dsn, "INSERT INTO enterprise.writers (started_at) VALUES ($1) RETURNING writer", LONG_AGO
        )

    def series(
        self,
        name: str,
        type_: str,
        temporality: str | None = None,
        monotonic: bool | None = None,
        *,
        attributes: dict[str, object] | None = None,
        service: str = "shop",
        unit: str = "1",
        resource: int = 0,
        scope: int = 0,
    ) -> int:
        """The id of a new series. Attributes, resource and scope as `tests.searchable` has them, or none."""

        async def add() -> int:
            connection = await pool.connect(self._dsn)
            try:
                id_: int = await connection.fetchval(
                    "INSERT INTO enterprise.metric_series (id, service_name, name, type, unit, temporality, monotonic, "
                    "attributes, description, resource_id, scope_id) "
                    "SELECT count(*) + 1, $1, $2, $3, $4, $5, $6, $7, 'What ' || $2 || ' says', $8, $9 "
                    "FROM enterprise.metric_series RETURNING id",
                    service,
                    name,
                    type_,
                    unit,
                    temporality,
                    monotonic,
                    attributes or {},
                    resource,
                    scope,
                )
                return id_
            finally:
                await connection.close()

        return run(add())

    def add(self, series: int, points: Sequence[Point]) -> None:
        """Points of a series, in a batch of their own; keys are columns."""

        async def add() -> None:
            connection = await pool.connect(self._dsn)
            try:
                async with connection.transaction():
                    await _add(connection, self._writer, series, points)
            finally:
                await connection.close()

        run(add())

    def roll_up(self, now: datetime) -> None:
        """Minutes of all points that came, and the hours that are over."""

        async def fold() -> None:
            connections = await pool.connect_pool(self._dsn, min_size=0, max_size=2, statement_timeout_ms=60_000)
            try:
                lease = _lease(connections)
                assert await lease.acquire()
                await MetricRollup(lease, RETENTION_DAYS).run_once(now)
            finally:
                await connections.close()

        run(fold())


async def _add(connection: Any, writer: int, series: int, points: Sequence[Point]) -> None:
    batch = await connection.fetchval(
        "UPDATE enterprise.writers SET batch = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint "
        "WHERE writer = $1 RETURNING batch",
        writer,
    )
    for point in points:
        row = {"series_id": series, "writer": writer, "batch": batch} | point
        places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
        await connection.execute(
            f"INSERT INTO enterprise.metric_points ({', '.join(row)}) VALUES ({places})", *row.values()
        )


def hold_maintenance(dsn: str) -> None:
    """Takes the lead from the API's own jobs, so that points are rolled up by `roll_up` alone."""

    async def hold() -> None:
        connections = await pool.connect_pool(dsn, min_size=0, max_size=1, statement_timeout_ms=60_000)
        try:
            assert await _lease(connections).acquire()
        finally:
            await connections.close()

    run(hold())


def _lease(connections: Any) -> Lease:
    return Lease(connections, "maintenance", "test", timedelta(hours=1))


def add_bounds(dsn: str, id_: int, bounds: Sequence[float]) -> None:
    """Bounds of histograms, whose id points then carry. They MAY be there already."""
    sql(
        dsn,
        "INSERT INTO enterprise.metric_bounds (id, bounds) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        id_,
        list(bounds),
    )


def add_metrics(dsn: str, newest: datetime) -> None:
    """One metric `m` of every type, with points a minute apart and an exemplar."""
    metered = Metered(dsn)
    times = [newest - age * timedelta(minutes=1) for age in range(5)]
    numbers = [{"time": time, "value": float(place)} for place, time in enumerate(times)]
    exemplar = {"timestamp": newest.isoformat(), "value": 1.5, "trace_id": "ab" * 16, "attributes": {}}
    for type_, temporality, points in (
        ("gauge", None, numbers),
        ("sum", "cumulative", numbers),
        ("histogram", "delta", [{"time": time, "count": 2, "bucket_counts": [2]} for time in times]),
        (
            "exponential_histogram",
            "cumulative",
            [{"time": newest, "count": 1, "scale": 0, "zero_count": 1, "exemplars": [exemplar]}],
        ),
        ("summary", None, [{"time": newest, "count": 1}]),
    ):
        metered.add(metered.series("m", type_, temporality, type_ == "sum" or None, resource=1, scope=1), points)


class Histogram:
    """Observations counted as an SDK does: between bounds, or in exponential buckets of a scale."""

    def __init__(self, shape: list[float] | int, bounds_id: int) -> None:
        self._shape = shape
        self._bounds_id = bounds_id
        self._observed: list[float] = []

    @property
    def type(self) -> str:
        return "exponential_histogram" if isinstance(self._shape, int) else "histogram"

    def register(self, dsn: str) -> None:
        """Stores the bounds, if there are any."""
        if isinstance(self._shape, list):
            add_bounds(dsn, self._bounds_id, self._shape)

    def forget(self) -> None:
        """Begins anew."""
        self._observed = []

    def observe(self, values: Sequence[float]) -> None:
        """All MUST be above 0."""
        self._observed += values

    def columns(self) -> dict[str, Any]:
        """What a point holds of all that was observed since the beginning."""
        values = self._observed
        point: dict[str, Any] = {"count": len(values), "sum": math.fsum(values), "min": min(values), "max": max(values)}
        if isinstance(self._shape, list):
            counts = Counter(sum(bound < value for bound in self._shape) for value in values)
            numbers = [counts[index] for index in range(len(self._shape) + 1)]
            return point | {"bounds_id": self._bounds_id, "bucket_counts": numbers}
        scale = self._shape
        indexes = Counter(math.ceil(math.log2(value) * 2**scale) - 1 for value in values)
        first, last = min(indexes), max(indexes)
        numbers = [indexes[index] for index in range(first, last + 1)]
        return point | {"scale": scale, "zero_count": 0, "positive_offset": first, "positive_counts": numbers}
