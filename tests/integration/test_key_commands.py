"""`otelgres key`: made, listed and revoked at the command line."""

import json
import subprocess
import sys

import pytest

from access.keys.keeping import MOST_KEYS
from tests.otelgres_process import plain_environment
from tests.reachable import reachable_directory
from tests.served_api import sql


def otelgres(dsn: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = plain_environment() | {"OTELGRES_DSN": dsn, "COLUMNS": "200"}
    command = [sys.executable, "-m", "server.cli", "key", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def done(dsn: str, *arguments: str) -> str:
    finished = otelgres(dsn, *arguments)
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout


def test_a_key_is_made_listed_without_its_secret_and_revoked(database: str) -> None:
    text = done(database, "create", "web [bold]", "--service", "shop", "--expires", "90d").strip()
    id_, secret = text.split("_")[1:]
    made = json.loads(done(database, "create", "api", "--scope", "read", "--scope", "write", "--json"))
    assert (made["scopes"], made["services"], made["expires_at"]) == (["read", "write"], None, None)
    assert made["key"].startswith(f"otg_{made['id']}_")

    table = done(database, "list")
    for shown in (id_, "web [bold]", "traces, logs, metrics", "shop", made["id"]):
        assert shown in table
    listed = json.loads(done(database, "list", "--json"))
    assert [key["name"] for key in listed] == ["api", "web [bold]"]
    assert secret not in table + json.dumps(listed)

    assert done(database, "revoke", "api") == f"revoked: {made['id']} api\n"
    assert done(database, "revoke", id_) == f"revoked: {id_} web [bold]\n"
    assert json.loads(done(database, "list", "--json")) == []
    assert len(json.loads(done(database, "list", "--revoked", "--json"))) == 2
    rows = sql(database, "SELECT actor, action, subject, detail::text FROM enterprise.access_audit ORDER BY id")
    assert [(row["action"], row["subject"]) for row in rows] == [
        ("key.created", "web [bold]"),
        ("key.created", "api"),
        ("key.revoked", "api"),
        ("key.revoked", "web [bold]"),
    ]
    assert {row["actor"].partition(":")[0] for row in rows} == {"command line"}
    assert secret not in "".join(row["detail"] for row in rows)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["create", "n", "--scope", "admin"], "scopes: Input should be"),
        (["create", "n", "--scope", "read", "--service", "shop"], "services need one of the scopes"),
        (["create", "n", "--expires", "yesterday"], "expires_at: "),
        (["create", "n", "--expires", "2001-01-01T00:00:00Z"], "must be in the future"),
        (["create", ""], "name: "),
        (["revoke", "nobody's"], 'there is no key "nobody\'s"'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line(database: str, arguments: list[str], told: str) -> None:
    finished = otelgres(database, *arguments)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert told in finished.stderr
    assert finished.stderr.count("\n") == 1


def test_a_name_that_is_taken_and_tables_that_are_missing_are_told(database: str, empty_database: str) -> None:
    done(database, "create", "web")
    taken = otelgres(database, "create", "web")
    assert taken.returncode == 1
    assert "there is a key 'web' already" in taken.stderr
    missing = otelgres(empty_database, "list")
    assert missing.returncode == 1
    assert "run `otelgres migrate`" in missing.stderr


def test_there_are_only_so_many_keys_that_open(database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.access_keys (id, name, digest, scopes, expires_at) SELECT lpad(n::text, 12, '0'), n, "
        "sha256(n::text::bytea), '{logs}', CASE WHEN n = 0 THEN now() END FROM generate_series(0, $1::int - 1) AS n",
        MOST_KEYS,
    )
    done(database, "create", "the last")
    refused = otelgres(database, "create", "one more")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "there are too many keys" in refused.stderr


def test_without_a_database_of_its_own_the_embedded_one_is_started() -> None:
    with reachable_directory() as directory:
        environment = plain_environment() | {"OTELGRES_DATA_DIR": str(directory / "data")}
        for arguments in (["migrate"], ["key", "create", "web"], ["key", "list"]):
            command = [sys.executable, "-m", "server.cli", *arguments]
            finished = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert finished.returncode == 0, finished.stderr
        assert "web" in finished.stdout
