"""The files by themselves, as `psql -f` runs them."""

from collections import Counter
from pathlib import Path

import asyncpg

import migrations
from database import migrate
from tests.migration.programs import catalogue, run

FOLDER = Path(migrations.__file__).parent
UP = sorted(path for path in FOLDER.glob("0*.sql") if not path.name.endswith(".down.sql"))


def psql(dsn: str, path: Path) -> None:
    run("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={path}", dsn)


async def test_files_run_twice_give_the_catalogue_that_the_runner_gives(
    empty_database: str, template_database: str, postgres_dsn: str
) -> None:
    for path in UP:
        psql(empty_database, path)
    once = catalogue(empty_database)
    for path in UP:
        psql(empty_database, path)
    assert catalogue(empty_database) == once
    by_hand = once
    for path in reversed(UP):
        psql(empty_database, path.with_suffix(".down.sql"))
    await migrate.migrate(empty_database)
    assert catalogue(empty_database) == by_hand


async def test_the_runner_goes_on_where_psql_began(empty_database: str) -> None:
    for path in UP:
        psql(empty_database, path)
    by_hand = catalogue(empty_database)
    assert len(await migrate.migrate(empty_database)) == len(UP)
    assert catalogue(empty_database) == by_hand


async def test_the_ways_back_leave_an_empty_schema_and_are_harmless_twice(empty_database: str) -> None:
    for path in UP:
        psql(empty_database, path)
    for _ in range(2):
        for path in reversed(UP):
            psql(empty_database, path.with_suffix(".down.sql"))
    connection = await asyncpg.connect(empty_database)
    try:
        left = await connection.fetch(
            "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = to_regnamespace('enterprise') "
            "UNION ALL SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = to_regnamespace('enterprise')"
        )
        assert left == []
    finally:
        await connection.close()


async def test_what_roles_may_is_told_anew_with_the_views_for_grafana_and_else_alike(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)

    async def privileges() -> dict[tuple[str, str], str]:
        rows = await connection.fetch("SELECT role, relation, privileges FROM enterprise.role_privileges")
        return {(row["role"], row["relation"]): row["privileges"] for row in rows}

    try:
        for path in UP:
            if path.name.startswith("033"):
                break
            psql(empty_database, path)
        before = await privileges()
        psql(empty_database, path)
        after = await privileges()
        psql(empty_database, path.with_suffix(".down.sql"))
        assert await privileges() == before
    finally:
        await connection.close()
    assert before.items() <= after.items()
    added = Counter((role, privileges) for (role, _), privileges in after.items() - before.items())
    assert added == {("otelgres_reader", "SELECT"): 6, ("otelgres_grafana", "SELECT"): 6}


def test_every_file_has_a_way_back() -> None:
    assert UP
    assert [path.name for path in UP if not path.with_suffix(".down.sql").exists()] == []
