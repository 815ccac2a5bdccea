"""What PostgreSQL did for a query: the nodes of its executed plan."""

import asyncio
import json
from typing import Any

from database.pool import connect

Nodes = list[dict[str, Any]]


async def executed(connection: Any, query: str, *arguments: object) -> Nodes:
    """Every node of the plan, the topmost first."""
    found = await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query}", *arguments)
    nodes: Nodes = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]]
    for node in nodes:
        nodes.extend(node.get("Plans", []))
    return nodes


def explained(dsn: str, query: str, *arguments: object) -> Nodes:
    """As the API's own connections run it."""

    async def explain() -> Nodes:
        connection = await connect(dsn)
        try:
            return await executed(connection, query, *arguments)
        finally:
            await connection.close()

    return asyncio.run(explain())


def scans(nodes: Nodes) -> Nodes:
    """Those that read a table, but for those that were never begun."""
    return [node for node in nodes if "Relation Name" in node and node["Actual Loops"]]


def rows_read(nodes: Nodes) -> float:
    """Rows that scans took from tables, those they threw away included."""
    return sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0))
        * node["Actual Loops"]
        for node in scans(nodes)
    )
