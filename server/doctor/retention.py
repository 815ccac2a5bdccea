"""Retention: whether what is kept stays within its time and its size."""

from typing import Any, NamedTuple

from database.queries import load
from server.doctor.finding import Finding, ok, warning
from server.doctor.wording import size, span
from server.settings import Settings

SQL = load(__package__)
LATE_AFTER = 3600.0


class Kept(NamedTuple):
    """After the last run, in bytes: all telemetry, its bound, and what is too much, with what keeps that from going.
    late: seconds since something is there that should be gone."""

    bytes: int
    cap: int | None
    over: int
    over_why: str | None
    late: float


async def bounds(settings: Settings, connection: Any) -> list[Finding]:
    """Nothing before the first run."""
    row = await connection.fetchrow(SQL["kept"])
    return [] if row is None else judge_bounds(Kept(*row))


def judge_bounds(kept: Kept) -> list[Finding]:
    findings = []
    if kept.over > 0 and kept.cap is not None:
        findings.append(
            warning(
                f"telemetry takes {size(kept.bytes)}, {size(kept.over)} more than OTELGRES_RETENTION_SIZE: "
                f"{kept.over_why}",
                "raise OTELGRES_RETENTION_SIZE or let less come in; what is still written never goes",
            )
        )
    if kept.late >= LATE_AFTER:
        findings.append(
            warning(
                f"what should be gone for {span(kept.late)} is still there: somebody reads it",
                "end the long transactions that read it; pg_stat_activity names them",
            )
        )
    return findings or [ok(f"telemetry takes {size(kept.bytes)}{_bound(kept.cap)}, and goes when its time is over")]


def _bound(cap: int | None) -> str:
    return "" if cap is None else f" of at most {size(cap)}"
