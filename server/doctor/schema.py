"""Migrations, indexes that were not finished, and who may do what."""

from collections.abc import Sequence
from typing import Any

from database import migrate, roles
from database.migration_status import Status
from database.queries import load
from server.doctor.finding import Finding, ok, problem, warning
from server.doctor.wording import names
from server.settings import Settings

SQL = load(__package__)


def judge_migrations(status: Status) -> list[Finding]:
    """Problems where this version may not work on the database, warnings for what it does without."""
    findings = []
    if status.newer:
        findings.append(
            problem(f"it was used by a newer Otelgres (migrations {_list(status.newer)})", "upgrade this Otelgres")
        )
    if status.pending:
        findings.append(
            problem(
                f"migrations {_list(status.pending)} are pending: not all tables are there",
                "start `otelgres serve`, which applies them, or run `otelgres migrate`",
            )
        )
    if status.drifted:
        findings.append(
            warning(
                f"migrations {_list(status.drifted)} were applied from another text than this version's",
                "find out who changed them: `otelgres migrate --check` compares again",
            )
        )
    if status.missing_roles:
        findings.append(
            warning(
                f"there is no role {names(status.missing_roles)}", "give what `otelgres roles` prints to a superuser"
            )
        )
    findings += [
        warning(
            f"enterprise.{view} is not the view of Otelgres",
            f"rename it, and run `otelgres migrate`: {view} is kept out",
        )
        for view in status.foreign_views
    ]
    return findings or [ok("all migrations are applied")]


async def indexes(settings: Settings, connection: Any) -> list[Finding]:
    return judge_indexes([(row["index"], row["table"]) for row in await connection.fetch(SQL["invalid_indexes"])])


def judge_indexes(invalid: Sequence[tuple[str, str]]) -> list[Finding]:
    """invalid: names of indexes and of their tables."""
    return [
        warning(
            f"the index {index} of {table} was not finished: it costs with every row and serves no search",
            f'DROP INDEX CONCURRENTLY enterprise."{index}"; maintenance builds it again if it is one of ours',
        )
        for index, table in invalid
    ] or [ok("all indexes are whole")]


async def ownership(settings: Settings, connection: Any) -> list[Finding]:
    foreign = [row["relation"] for row in await connection.fetch(SQL["foreign_relations"])]
    return judge_ownership(foreign, await connection.fetchval(SQL["current_login"]))


def judge_ownership(foreign: Sequence[str], login: str) -> list[Finding]:
    """foreign: tables of Otelgres that the login does not own, and whose owner's role it has not."""
    if foreign:
        return [
            problem(
                f"{login} does not own {names(foreign)}: partitions cannot be made, nor migrations applied",
                f"ALTER TABLE … OWNER TO {login}, or name their owner in OTELGRES_DSN",
            )
        ]
    return [ok(f"{login} owns all tables")]


async def grants(settings: Settings, connection: Any) -> list[Finding]:
    rows = [row for row in await roles.privileges(connection) if row["is_there"]]
    asked = [
        (row["role"], relation, privilege)
        for row in rows
        for relation in row["relations"]
        for privilege in row["privileges"].split(", ")
    ]
    lacking = await connection.fetch(SQL["lacking_privileges"], *(list(column) for column in zip(*asked, strict=True)))
    return judge_grants({row["role"]: row["relations"] for row in lacking})


def judge_grants(lacking: dict[str, list[str]]) -> list[Finding]:
    """lacking: by role, relations on which it has not all that it needs."""
    return [
        warning(f"{role} may not use {names(relations)} as it should", "run `otelgres roles --apply` as their owner")
        for role, relations in lacking.items()
    ] or [ok("the group roles may what they need")]


async def migrations(settings: Settings, connection: Any) -> tuple[Status, list[Finding]]:
    """How it compares, for who asks further, and what that means."""
    status = await migrate.compare(connection)
    return status, judge_migrations(status)


def _list(versions: Sequence[int]) -> str:
    numbers = [f"{version:03}" for version in versions]
    return ", ".join(numbers) if len(numbers) < 4 else f"{numbers[0]} to {numbers[-1]}"
