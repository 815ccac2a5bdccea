"""A deletion carried out by the command line itself, whether the server runs or not."""

from typing import Any

from database.deletions import advance
from query_api.retention import deletions
from query_api.retention.models import Sought
from server.command_actor import by_command_line
from server.errors import OtelgresError


async def delete(connection: Any, sought: Sought, *, yes: bool) -> list[str]:
    """Counts, and deletes where `yes` says so; tells of it in lines. Without it nothing is left behind but the audit.

    The connection MUST be in no transaction.
    """
    by = by_command_line()
    try:
        async with connection.transaction():
            deletion = (await deletions.ask(connection, sought, by))["id"]
    except deletions.TooMany:
        raise OtelgresError("too many deletions are open: cancel some on the page of the settings") from None
    counted = await _to_the_end(connection, deletion)
    if not yes:
        async with connection.transaction():
            await deletions.cancel(connection, deletion, by)
        return [f"found: {_figures(counted)}", "nothing is deleted: say --yes to delete this"]
    async with connection.transaction():
        if await deletions.confirm(connection, deletion, by) is None:
            raise OtelgresError("the deletion was cancelled by somebody else")
    done = await _to_the_end(connection, deletion)
    return [f"deleted: {_figures(done)}", f"{done['traces']} traces without any span now were removed"]


async def _to_the_end(connection: Any, deletion: int) -> dict[str, Any]:
    goes_on = True
    while goes_on:
        async with connection.transaction():
            goes_on = await advance(connection, deletion)
    row = await deletions.deletion_by_id(connection, deletion)
    assert row is not None
    return row


def _figures(row: dict[str, Any]) -> str:
    return f"{row['spans']} spans, {row['logs']} logs, {row['points']} metric points"
