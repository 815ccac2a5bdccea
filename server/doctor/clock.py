"""The clocks of this machine and of the database's."""

import time
from typing import Any

from database.queries import load
from server.doctor.finding import Finding, ok, problem, warning
from server.doctor.wording import span
from server.settings import Settings

SQL = load(__package__)
NOTICED = 5.0
GRAVE = 300.0


async def clock(settings: Settings, connection: Any) -> list[Finding]:
    before = time.time()
    theirs: float = await connection.fetchval(SQL["clock"])
    after = time.time()
    return [judge(theirs - (before + after) / 2, (after - before) / 2)]


def judge(ahead: float, uncertain: float) -> Finding:
    """ahead: seconds that the database's clock is ahead of ours, right to `uncertain` seconds."""
    off = max(abs(ahead) - uncertain, 0.0)
    if off < NOTICED:
        return ok("its clock and this machine's agree")
    text = f"its clock is {span(off)} {'ahead of' if ahead > 0 else 'behind'} this machine's"
    remedy = "keep both by NTP: rows are dated by one and looked for by the other"
    return problem(text, remedy) if off >= GRAVE else warning(text, remedy)
