"""What the ledger must know of the spools: while one holds requests, no digest may be forgotten."""

from opentelemetry.exporter.postgres.committer import Committer
from opentelemetry.exporter.postgres.sql_text import sql

_REPORT_SPOOL = sql("report_spool")
_FORGET_SPOOL = sql("forget_spool")


async def report(committer: Committer, name: str, oldest_ns: int | None) -> None:
    """Says that the spool `name` is there, and when its oldest request was received; None when it is empty."""
    await committer.execute(_REPORT_SPOOL, name, oldest_ns)


async def forget(committer: Committer, name: str) -> None:
    """Says that the spool is empty and no longer in use."""
    await committer.execute(_FORGET_SPOOL, name)
