"""Scheduled work: who does it, whether it succeeds, and how far its results lag."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from alerting.engine.leadership import NAME as ALERTS
from database import maintenance
from database.lease import Lease
from database.queries import load
from server.doctor.finding import Finding, note, ok, problem, warning
from server.doctor.wording import names, span
from server.settings import Settings

SQL = load(__package__)
MAINTENANCE = "maintenance"
WORK = {MAINTENANCE: "maintenance: no partitions, no retention, no indexes", ALERTS: "alert rules"}
LATE_AFTER_RUNS = 5
LATE_AFTER = timedelta(minutes=5)
GRAVE_AFTER = timedelta(days=1)
LOG = "`otelgres serve`'s log says more"
MEANING = {
    "retention": "expired rows stay, and the disk fills",
    "partition_care": "rows of days to come go to DEFAULT",
    "sealing": "searches of ended partitions are slow",
    "ledger_rotation": "the ledger grows",
}
FOLDED_WITHIN = 300.0
SEALED_WITHIN = 3600.0


class Holder(NamedTuple):
    """Of a lease; in_time: it is not over."""

    name: str
    in_time: bool


class Run(NamedTuple):
    """What is recorded of a job; None where it has not come about."""

    succeeded: datetime | None
    error: str | None


async def leases(settings: Settings, connection: Any) -> list[Finding]:
    rows = await connection.fetch(SQL["leases"])
    return judge_leases({row["name"]: Holder(row["holder"], row["in_time"]) for row in rows})


def judge_leases(held: Mapping[str, Holder]) -> list[Finding]:
    """held: by the lease's name."""
    findings = []
    for lease, work in WORK.items():
        holder = held.get(lease)
        if holder is not None and holder.in_time:
            findings.append(
                ok(f"{lease} run at {holder.name}" if lease == ALERTS else f"{lease} runs at {holder.name}")
            )
        else:
            last = f"; the last was {holder.name}" if holder is not None else ""
            findings.append(
                warning(f"nobody does {work}{last}", "start `otelgres serve`, in one of the roles `all` and `api`")
            )
    return findings


async def runs(settings: Settings, connection: Any) -> list[Finding]:
    held = {row["name"] for row in await connection.fetch(SQL["leases"]) if row["in_time"]}
    recorded = {
        row["job"]: Run(row["last_succeeded_at"], row["last_error"]) for row in await connection.fetch(SQL["runs"])
    }
    now: datetime = await connection.fetchval(SQL["now"])
    return judge_runs(now, _intervals(settings), recorded, is_led=MAINTENANCE in held)


def _intervals(settings: Settings) -> dict[str, timedelta]:
    nobodys = Lease(None, MAINTENANCE, "", timedelta(0))
    jobs = maintenance.jobs(None, nobodys, retention_days=settings.retention_days, days_kept=settings.days_kept)
    return {job.name: job.interval for job in jobs}


def judge_runs(
    now: datetime, intervals: Mapping[str, timedelta], recorded: Mapping[str, Run], *, is_led: bool
) -> list[Finding]:
    """Jobs that fail or are late; while nobody leads all are late, and only what failed or is long ago is told."""
    findings = []
    for job, interval in intervals.items():
        run = recorded.get(job, Run(None, None))
        since = None if run.succeeded is None else now - run.succeeded
        meaning = MEANING.get(job, "what it makes lags behind")
        ago = "never" if since is None else f"{span(since.total_seconds())} ago"
        is_grave = since is not None and since >= GRAVE_AFTER
        if run.error is not None:
            text = f"the job {job} fails: {run.error}; it last succeeded {ago}: {meaning}"
            findings.append((problem if is_grave or since is None else warning)(text, LOG))
        elif is_grave:
            findings.append(
                problem(f"the job {job} last ran {ago}: {meaning}", f"see that `otelgres serve` runs; {LOG}")
            )
        elif is_led and since is not None and since > max(LATE_AFTER_RUNS * interval, LATE_AFTER):
            findings.append(warning(f"the job {job} is late, it last ran {ago}: {meaning}", LOG))
        elif is_led and since is None:
            findings.append(note(f"the job {job} has not run yet", "look again in a minute"))
    return findings or [ok("no job fails")]


async def lags(settings: Settings, connection: Any) -> list[Finding]:
    row = await connection.fetchrow(SQL["lags"])
    return judge_lags(row["unfolded"], row["unsealed"], row["unsealed_children"] or [])


def judge_lags(unfolded: float | None, unsealed: float | None, children: Sequence[str]) -> list[Finding]:
    """In seconds: the age of the oldest figures that are not folded; since when a partition should be sealed."""
    return list(_lags(unfolded, unsealed, children)) or [ok("folding and sealing keep up")]


def _lags(unfolded: float | None, unsealed: float | None, children: Sequence[str]) -> Iterable[Finding]:
    if unfolded is not None and unfolded > FOLDED_WITHIN:
        yield warning(
            f"figures are not folded since {span(unfolded)}: the pages of services slow down",
            f"see that `otelgres serve` runs, and the job folding succeeds; {LOG}",
        )
    if unsealed is not None and unsealed > SEALED_WITHIN:
        yield warning(
            f"partitions that ended up to {span(unsealed)} ago have no search indexes: {names(children)}",
            f"see that `otelgres serve` runs, and the job sealing succeeds; {LOG}",
        )
