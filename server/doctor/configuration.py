"""PostgreSQL itself: its version, its settings, and what stands between it and us."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from database.queries import load
from server import alerts, app, database_check, scheduler
from server.doctor.finding import Finding, note, ok, problem, warning
from server.settings import Settings

SQL = load(__package__)
LISTENING = 4
"""Connections of the API process beside its pools: keys, live tail, rules and notices."""
OF_A_RECEIVER = 6
"""Two that write, and one each for the spool, announcements, the ingest report and keys."""
SHORTEST_TRANSACTION_MS = 300_000
LEAST_LOCKS = 6400
MIB = 1 << 20


@dataclass(frozen=True)
class Rule:
    """What a setting should be. fits: of its value as text, sizes in bytes and times in ms."""

    setting: str
    fits: Callable[[str], bool]
    rank: Callable[[str, str], Finding]
    consequence: str
    wanted: str


def _is_on(value: str) -> bool:
    return value != "off"


def _is_long(value: str) -> bool:
    return int(value) == 0 or int(value) >= SHORTEST_TRANSACTION_MS


RULES = (
    Rule("fsync", _is_on, problem, "a crash of its machine can destroy the whole database", "on"),
    Rule("full_page_writes", _is_on, warning, "a crash of its machine can leave torn pages behind", "on"),
    Rule("synchronous_commit", _is_on, warning, "a crash loses what was acknowledged in the last second", "on"),
    Rule("autovacuum", _is_on, problem, "tables bloat, and PostgreSQL stops at its last transaction id", "on"),
    Rule("track_counts", _is_on, problem, "autovacuum does not know what to do", "on"),
    Rule("default_transaction_read_only", lambda value: value == "off", problem, "nothing can be stored", "off"),
    Rule("server_encoding", lambda value: value == "UTF8", problem, "most texts cannot be stored", "UTF8"),
    Rule("shared_buffers", lambda value: int(value) >= 128 * MIB, note, "indexes do not stay in memory", "128MB"),
    Rule("max_wal_size", lambda value: int(value) >= 1024 * MIB, note, "load forces checkpoints", "1GB"),
    Rule(
        "wal_level", lambda value: value != "minimal", note, "neither base backups nor replicas are possible", "replica"
    ),
    Rule("transaction_timeout", _is_long, warning, "maintenance is cut off", "0"),
    Rule("idle_in_transaction_session_timeout", _is_long, note, "a slow client of an export is cut off", "0"),
    Rule("idle_session_timeout", _is_long, note, "connections that listen are made anew all the time", "0"),
)
CREATED_WITH = {"server_encoding": "dump it, and restore it into a database that is made with ENCODING 'UTF8'"}
OF_SESSIONS = frozenset(
    (
        "default_transaction_read_only",
        "transaction_timeout",
        "idle_in_transaction_session_timeout",
        "idle_session_timeout",
    )
)
"""Settings that roles and databases have their own of."""
OTHERS = ("max_connections", "superuser_reserved_connections", "reserved_connections", "max_locks_per_transaction")


async def version(settings: Settings, connection: Any) -> list[Finding]:
    facts = await connection.fetchrow(SQL["server_facts"])
    return judge_server(facts["version"], facts["version_number"], facts["is_standby"])


def judge_server(version: str, number: int, is_standby: bool) -> list[Finding]:
    findings = [ok(f"PostgreSQL {version} answers")]
    if number < database_check.OLDEST * 10_000:
        findings = [
            problem(
                f"PostgreSQL {version} is too old: Otelgres needs {database_check.OLDEST} or newer",
                "carry the data over to a newer one, by pg_upgrade or pg_dump",
            )
        ]
    if is_standby:
        findings.append(problem("it is a standby and takes no writes", "name the primary in OTELGRES_DSN"))
    return findings


async def parameters(settings: Settings, connection: Any) -> list[Finding]:
    names = [*(rule.setting for rule in RULES), *OTHERS]
    rows = await connection.fetch(SQL["server_settings"], names)
    return judge({row["name"]: row["value"] for row in rows}, embedded=settings.dsn is None)


def judge(found: Mapping[str, str], *, embedded: bool) -> list[Finding]:
    """found: settings by name; one that this version of PostgreSQL has not is left out."""
    findings = [
        rule.rank(f"{rule.setting} is {found[rule.setting]}: {rule.consequence}", _remedy(rule, embedded))
        for rule in RULES
        if rule.setting in found and not rule.fits(found[rule.setting])
    ]
    locks = int(found["max_locks_per_transaction"]) * int(found["max_connections"])
    if locks < LEAST_LOCKS:
        findings.append(
            warning(
                f"there is room for {locks:,} locks: reads of many partitions need up to {LEAST_LOCKS:,}",
                "raise max_locks_per_transaction, and restart PostgreSQL",
            )
        )
    return findings or [ok("the settings that matter are as they should be")]


def _remedy(rule: Rule, embedded: bool) -> str:
    if rule.setting in CREATED_WITH:
        return CREATED_WITH[rule.setting]
    if rule.setting in OF_SESSIONS:
        return f"ALTER ROLE … SET {rule.setting} = {rule.wanted}, for the login of OTELGRES_DSN"
    if embedded:
        return f"take `{rule.setting}` out of local.conf in OTELGRES_DATA_DIR, and start Otelgres anew"
    return f"ALTER SYSTEM SET {rule.setting} = '{rule.wanted}'; then reload or restart PostgreSQL"


async def connections(settings: Settings, connection: Any) -> list[Finding]:
    found = {row["name"]: int(row["value"]) for row in await connection.fetch(SQL["server_settings"], list(OTHERS))}
    reserved = found["superuser_reserved_connections"] + found.get("reserved_connections", 0)
    others: int = await connection.fetchval(SQL["foreign_sessions"])
    return judge_connections(found["max_connections"] - reserved, others, connections_of(settings.worker_count))


def connections_of(receivers: int) -> int:
    """What one `otelgres serve` opens at most."""
    api = app.MOST_CONNECTIONS + scheduler.MOST_CONNECTIONS + alerts.MOST_CONNECTIONS + LISTENING
    return api + receivers * OF_A_RECEIVER


def judge_connections(allowed: int, others: int, ours: int) -> list[Finding]:
    if ours + others > allowed:
        return [
            warning(
                f"it allows {allowed} connections: Otelgres opens up to {ours} here, others have {others}",
                "raise max_connections, or lower OTELGRES_WORKERS",
            )
        ]
    return [ok(f"{allowed} connections are enough: Otelgres opens up to {ours} here, others have {others}")]


async def archive(settings: Settings, connection: Any) -> list[Finding]:
    row = await connection.fetchrow(SQL["archiver"])
    return judge_archive(row["mode"], row["last_archived_time"], row["last_failed_time"], row["last_failed_wal"])


def judge_archive(mode: str, archived: datetime | None, failed: datetime | None, wal: str | None) -> list[Finding]:
    if mode == "off":
        return [ok("no archive of the WAL: a restore brings back the last dump (docs/backup.md)")]
    if failed is not None and (archived is None or failed > archived):
        return [
            problem(
                f"the WAL is not archived since {failed:%Y-%m-%d %H:%M}: {wal} fails, and its disk fills",
                "run archive_command by hand as PostgreSQL's user; its log says why it fails",
            )
        ]
    return [ok("the WAL is archived")]


async def pooler(settings: Settings, connection: Any) -> list[Finding]:
    if settings.dsn is None:
        return []
    if await database_check.is_pooled_by_transaction(settings.dsn.get_secret_value()):
        return [
            problem(
                "OTELGRES_DSN leads through a pooler in transaction mode (pgbouncer?), where session settings, locks "
                "and LISTEN fail",
                "name PostgreSQL itself in OTELGRES_DSN, or a pool in session mode",
            )
        ]
    return [ok("no pooler in transaction mode stands between")]
