"""The indexes that searches use: which a table's partitions have, building them and dropping them."""

from typing import Any

from database import queries

SQL = queries.load(__package__)

MAINTENANCE_WORK_MEM = "256MB"

# By table: the suffix of their name, and what they are built on. enterprise.has_search_indexes knows the names too.
SEARCH_INDEXES = {
    "trace_spans": {"tags_search": "tags jsonb_path_ops"},
    "structured_logs": {
        "message_search": "enterprise.message_words(message)",
        "extra_search": "extra jsonb_path_ops",
    },
}


async def build(connection: Any, parent: str, child: str) -> None:
    """Builds those that are missing or were left half built, while others read and write.

    The connection MUST be in no transaction.
    """
    # On the leaf itself: an index on the parent would be kept up by every new partition, row by row.
    await connection.execute(f"SET maintenance_work_mem = '{MAINTENANCE_WORK_MEM}'; SET statement_timeout = 0")
    for index in await connection.fetch(SQL["invalid_indexes"], child):
        await connection.execute(SQL["drop_index"].format(index=index["relation"]))
    for suffix, on in SEARCH_INDEXES.get(parent, {}).items():
        await connection.execute(SQL["build_index"].format(child=child, suffix=suffix, on=on))


async def drop(connection: Any, parent: str, child: str) -> None:
    """Drops what there is of them. Nobody waits for it; it waits for whoever reads the partition just now.

    The connection MUST be in no transaction.
    """
    for suffix in SEARCH_INDEXES[parent]:
        await connection.execute(SQL["drop_index"].format(index=f"{child}_{suffix}"))
