"""`otelgres doctor`."""

import asyncio
from datetime import UTC, datetime

from server.doctor import report
from server.doctor.finding import Rank
from server.doctor.looking import dsn_of, look
from server.masking import mask_dsn
from server.settings import Settings


def run(settings: Settings, *, as_json: bool) -> int:
    """Prints what is found; the exit code is 1 where that is a problem, else 0."""
    found = asyncio.run(look(settings))
    database = mask_dsn(dsn_of(settings))
    print(report.as_json(found, database, datetime.now(UTC)) if as_json else report.as_text(found, database))
    return 1 if report.worst(found) is Rank.PROBLEM else 0
