"""Partitions: made ahead, without holes, and without rows that no partition holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from database.partitions import LENGTHS, PARENTS, leaves, wanted_of
from database.queries import load
from database.ranges import DAY, Range, missing
from server.doctor.finding import Finding, note, ok, problem, warning
from server.doctor.wording import count, names, size
from server.settings import Settings

SQL = load(__package__)
CARE = "start `otelgres serve`: its job partition_care makes them; why it does not is in `otelgres serve`'s log"
COUNTED = 50_001
CROWDED = 50_000
AHEAD = timedelta(days=3)


async def coverage(settings: Settings, connection: Any) -> list[Finding]:
    now: datetime = await connection.fetchval(SQL["now"])
    found = await leaves(connection)
    covered = {
        parent: [leaf.range for leaf in found if leaf.parent == parent and leaf.range is not None] for parent in PARENTS
    }
    wanted = {parent: wanted_of(parent, now, settings.retention_days, settings.days_kept) for parent in PARENTS}
    return judge_coverage(now, covered, wanted)


def judge_coverage(now: datetime, covered: Mapping[str, Sequence[Range]], wanted: Mapping[str, Range]) -> list[Finding]:
    """By table, what its partitions hold and what they should."""
    lost = {
        parent: list(missing(list(covered[parent]), whole, length=LENGTHS.get(parent, DAY)))
        for parent, whole in wanted.items()
    }
    at_once = [parent for parent, holes in lost.items() if any(_overlaps(hole, now, now + AHEAD) for hole in holes)]
    later = [parent for parent, holes in lost.items() if any(hole.lower >= now for hole in holes)]
    earlier = [parent for parent, holes in lost.items() if any(hole.upper <= now for hole in holes)]
    findings = []
    if at_once:
        findings.append(
            problem(
                f"no partitions for now and the next {AHEAD.days} days: {names(at_once)}; DEFAULT takes the rows", CARE
            )
        )
    elif later:
        findings.append(warning(f"not all partitions of the next days are made: {names(later)}", CARE))
    if earlier:
        findings.append(note(f"days within the retention have no partition: {names(earlier)}", CARE))
    return findings or [ok("partitions are made for the retention and the days ahead")]


def _overlaps(hole: Range, lower: datetime, upper: datetime) -> bool:
    return hole.lower < upper and hole.upper > lower


async def left_overs(settings: Settings, connection: Any) -> list[Finding]:
    rows = await connection.fetch(SQL["left_overs"], list(PARENTS))
    return judge_left_overs({row["relation"]: row["bytes"] for row in rows})


def judge_left_overs(found: Mapping[str, int]) -> list[Finding]:
    """found: tables that are no partition, or not for long any more, with their sizes in bytes."""
    if not found:
        return [ok("no detached partition is left over")]
    return [
        warning(
            f"{count(len(found), 'detached partition')} left over, {size(sum(found.values()))}: {names(list(found))}",
            "end the long transactions that read them; the job retention drops what ends in _dropped every 10 minutes",
        )
    ]


class InDefault(NamedTuple):
    """Rows of a DEFAULT partition, counted up to COUNTED, and the times of the first and last of these."""

    rows: int
    first: datetime
    last: datetime


async def default_rows(settings: Settings, connection: Any) -> list[Finding]:
    found = {}
    for parent, column in PARENTS.items():
        row = await connection.fetchrow(SQL["default_rows"].format(parent=parent, column=column), COUNTED)
        if row["rows"]:
            found[parent] = InDefault(row["rows"], row["first"], row["last"])
    return judge_default(found)


def judge_default(found: Mapping[str, InDefault]) -> list[Finding]:
    """By table."""
    findings = []
    for parent, held in found.items():
        rows = f"more than {CROWDED:,} rows" if held.rows > CROWDED else count(held.rows, "row")
        text = f"{rows} of {parent} in its DEFAULT partition, from {held.first:%Y-%m-%d} to {held.last:%Y-%m-%d}"
        remedy = "set the clocks of senders right whose rows are so early or late; retention deletes those that expired"
        findings.append(warning(text, remedy) if held.rows > CROWDED else note(text, remedy))
    return findings or [ok("DEFAULT partitions are empty")]
