"""`otelgres user`: accounts made and changed at the command line."""

import subprocess
import sys

import pytest

from tests.otelgres_process import plain_environment
from tests.served_api import sql
from tests.signing_in import PASSWORD

ADMIN, EDITOR = "adam@example.com", "edith@example.com"


def otelgres(dsn: str, *arguments: str, stdin: str = f"{PASSWORD}\n") -> subprocess.CompletedProcess[str]:
    environment = plain_environment() | {"OTELGRES_DSN": dsn, "COLUMNS": "200"}
    command = [sys.executable, "-m", "server.cli", "user", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, input=stdin)


def done(dsn: str, *arguments: str, stdin: str = f"{PASSWORD}\n") -> str:
    finished = otelgres(dsn, *arguments, stdin=stdin)
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout


def test_accounts_are_made_listed_and_changed_each_with_a_row_of_the_audit(database: str) -> None:
    assert done(database, "create", "--role", "admin", ADMIN) == f"created: {ADMIN} as admin\n"
    assert done(database, "create", "--no-password", " Edith@Example.com") == "created:  Edith@Example.com as viewer\n"
    done(database, "set-role", EDITOR, "editor")
    done(database, "disable", EDITOR)
    done(database, "enable", EDITOR)
    done(database, "set-password", EDITOR, stdin="another path through woods\n")
    table = done(database, "list")
    for shown in (ADMIN, EDITOR, "admin", "editor"):
        assert shown in table
    rows = sql(database, "SELECT actor, action, subject, detail::text FROM enterprise.access_audit ORDER BY id")
    assert [(row["action"], row["subject"]) for row in rows] == [
        ("user.created", ADMIN),
        ("user.created", EDITOR),
        ("user.role_changed", EDITOR),
        ("user.disabled", EDITOR),
        ("user.enabled", EDITOR),
        ("user.password_set", EDITOR),
    ]
    assert {row["actor"].partition(":")[0] for row in rows} == {"command line"}
    hashes = sql(database, "SELECT password_hash FROM enterprise.people")
    assert all(row["password_hash"].startswith("$argon2id$") for row in hashes)
    kept = table + "".join(row["detail"] for row in rows) + str(hashes)
    assert "woods" not in kept


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (["create", "not an address"], PASSWORD, "'not an address' must be an e-mail address"),
        (["create", "a@b", "--role", "owner"], PASSWORD, "'owner' is no role; there are viewer, editor and admin"),
        (["create", "a@b"], "short", "a password has 12 to 256 characters"),
        (["create", "a@b"], "aaaaaaaaaaaaaaaa", "this password is too easy to guess"),
        (["create", ADMIN], PASSWORD, f"there is an account {ADMIN} already"),
        (["disable", "nobody@example.com"], "", "there is no account nobody@example.com"),
        (["disable", ADMIN], "", "this is the last admin who can sign in"),
        (["set-role", ADMIN, "editor"], "", "this is the last admin who can sign in"),
    ],
    ids=["address", "role", "short", "easy", "taken", "unknown", "last disabled", "last demoted"],
)
def test_what_cannot_be_done_is_one_line(database: str, arguments: list[str], stdin: str, told: str) -> None:
    done(database, "create", "--role", "admin", ADMIN)
    failed = otelgres(database, *arguments, stdin=stdin)
    assert failed.returncode == 1
    assert failed.stderr.startswith(f"otelgres: {told}")
    assert failed.stderr.count("\n") == 1
