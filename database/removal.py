"""Taking a partition out of its table: detached and renamed, then dropped. What is pinned stays in its place.

Where a partition holds rows of pinned traces, a table of these alone takes its range in the transaction that detaches
it. So no read knows of pins, and none misses a row.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from database import partitions, queries
from database.lease import Lease
from database.locks import limit_waiting, patiently
from database.partitions import PARENTS, Leaf
from database.search_indexes import SEARCH_INDEXES

SQL = queries.load(__package__)

# Tables whose rows belong to a trace, and stay with one that is pinned.
PINNABLE = frozenset({"trace_spans", "structured_logs", "gen_ai_spans"})

InTransaction = Callable[[Any], Awaitable[None]]


class Removal:
    """Removes partitions, under the lease."""

    def __init__(self, pool: Any, lease: Lease) -> None:
        self._pool = pool
        self._lease = lease

    async def remove(self, leaf: Leaf, besides: InTransaction | None = None) -> bool:
        """Detaches the partition, which MUST have a range; False when it did not get its locks.

        besides: what is done in the same transaction.
        """
        return await patiently(partial(self._detach, leaf, besides))

    async def drop_detached(self) -> tuple[list[str], list[str]]:
        """The tables that were dropped, and those that somebody still reads."""
        async with self._pool.acquire() as connection:
            detached = [row["relation"] for row in await connection.fetch(SQL["detached_leaves"], list(PARENTS))]
        dropped = [relation for relation in detached if await patiently(partial(self._drop, relation))]
        return dropped, [relation for relation in detached if relation not in dropped]

    async def _drop(self, relation: str) -> None:
        async with self._lease.transaction() as connection:
            await limit_waiting(connection)
            await connection.execute(SQL["drop_detached"].format(table=relation))

    async def _detach(self, leaf: Leaf, besides: InTransaction | None) -> None:
        async with self._lease.transaction() as connection:
            await limit_waiting(connection)
            await partitions.lock(connection)
            await connection.execute(SQL["detach_partition"].format(parent=leaf.parent, child=leaf.child))
            if leaf.parent in PINNABLE and await _holds_pinned(connection, f"{leaf.child}_dropped"):
                await _keep_pinned(connection, leaf)
            if besides:
                await besides(connection)


async def has_nothing_to_remove(connection: Any, leaf: Leaf) -> bool:
    """Whether a partition holds pinned rows and no others."""
    return (
        leaf.parent in PINNABLE
        and await _holds_pinned(connection, leaf.child)
        and not await connection.fetchval(SQL["holds_unpinned"].format(table=leaf.child))
    )


async def _holds_pinned(connection: Any, table: str) -> bool:
    held: bool = await connection.fetchval(SQL["holds_pinned"].format(table=table))
    return held


async def _keep_pinned(connection: Any, leaf: Leaf) -> None:
    assert leaf.range is not None
    # By their names it would seem that the new table has its search indexes.
    for suffix in SEARCH_INDEXES.get(leaf.parent, ()):
        await connection.execute(SQL["drop_index_now"].format(index=f"{leaf.child}_{suffix}"))
    await partitions.make_again(connection, leaf.parent, leaf.range)
    await connection.execute(SQL["copy_pinned"].format(child=leaf.child))
    await partitions.attach(connection, leaf.parent, leaf.range)
