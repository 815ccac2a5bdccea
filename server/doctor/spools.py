"""What waits on disk for the database, here and on other machines."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from database.queries import load
from receiver.spool_glance import Glance, glance
from receiver.spool_slots import SUFFIX, is_held
from server.doctor.finding import Finding, note, ok, problem, warning
from server.doctor.wording import count, names, size, span
from server.settings import Settings
from server.spool_places import other_spools, spool_directory

SQL = load(__package__)
DRAINED_WITHIN = 60.0
ALMOST_FULL = 0.9
UNHEARD_AFTER = timedelta(minutes=5)


class Spool(NamedTuple):
    """One file; held: a receiver has it."""

    file: Path
    held: bool
    content: Glance


def backlog(settings: Settings) -> list[Finding]:
    """Of this machine's spool, and of spools for other databases beside it."""
    if not settings.spool_bytes:
        return [note("there is no spool: while the database is away senders must wait", "set OTELGRES_SPOOL_BYTES")]
    dsn = settings.dsn.get_secret_value() if settings.dsn is not None else ""
    directory = spool_directory(settings, dsn, embedded=settings.dsn is None)
    findings = []
    spools = []
    for file in sorted(directory.glob(f"*{SUFFIX}")):
        try:
            spools.append(Spool(file, is_held(file), glance(file)))
        except sqlite3.Error as error:
            findings.append(
                problem(f"the spool {file} cannot be read: {error}", "start `otelgres serve`: it saves what is whole")
            )
        except OSError as error:
            findings.append(
                note(f"the spool {file} cannot be read: {error.strerror}", "look as the user that runs Otelgres")
            )
    findings += judge(spools, time.time_ns(), int(settings.spool_bytes))
    findings += judge_damaged(sorted(file for file in directory.glob("*.damaged-*") if not file.name.endswith("-wal")))
    findings += [
        warning(
            f"{other} holds requests for another OTELGRES_DSN",
            "if that was this database, start `otelgres serve` once with OTELGRES_SPOOL_DIR set to it",
        )
        for other in other_spools(settings, dsn)
    ]
    return findings


def judge(spools: Sequence[Spool], now_ns: int, most: int) -> list[Finding]:
    """most: bytes that they may take together."""
    return list(_judge(spools, now_ns, most)) or [ok("the spool is empty")]


def _judge(spools: Sequence[Spool], now_ns: int, most: int) -> Iterable[Finding]:
    used = sum(spool.content.size for spool in spools)
    if used >= ALMOST_FULL * most:
        yield problem(
            f"the spool is almost full, {size(used)} of {size(most)}: then senders are put off",
            "bring the database back, or raise OTELGRES_SPOOL_BYTES",
        )
    put_off = sum(spool.content.put_off for spool in spools)
    if put_off:
        yield warning(
            f"{count(put_off, 'spooled request')} failed alone and are tried every 10 minutes",
            "`otelgres serve`'s log says what the database objects to",
        )
    for held, remedy in (
        (True, "look at the findings about the database: it does not take them"),
        (False, "start `otelgres serve`: its receivers adopt what others left"),
    ):
        waiting = [spool.content for spool in spools if spool.held is held and spool.content.requests]
        age = max((now_ns - (content.oldest_ns or now_ns) for content in waiting), default=0) / 1e9
        if waiting and (age > DRAINED_WITHIN or not held):
            whose = "" if held else ", left behind by a receiver that ended"
            requests = count(sum(content.requests for content in waiting), "request")
            yield warning(f"{requests} wait in the spool, the oldest for {span(age)}{whose}", remedy)


def judge_damaged(files: Sequence[Path]) -> list[Finding]:
    """files: spools that were set aside."""
    return [
        note(f"{file} was damaged; what was whole in it was carried over", "look why its disk did that, and delete it")
        for file in files
    ]


async def elsewhere(settings: Settings, connection: Any) -> list[Finding]:
    rows = await connection.fetch(SQL["spools_unheard_of"], UNHEARD_AFTER)
    return judge_elsewhere([(row["name"], row["oldest_received_at"], row["seen_at"]) for row in rows])


def judge_elsewhere(unheard: Sequence[tuple[str, datetime, datetime]]) -> list[Finding]:
    """Spools that hold requests, since when, and when they were heard of last."""
    if not unheard:
        return [ok("no spool of another machine waits")]
    oldest = min(received for _, received, _ in unheard)
    silent = names([name for name, *_ in unheard])
    return [
        warning(
            f"spools that nobody reports hold requests since {oldest:%Y-%m-%d %H:%M}: {silent}",
            "start `otelgres serve` there within a day: the ledger knows their requests until then, and no longer",
        )
    ]
