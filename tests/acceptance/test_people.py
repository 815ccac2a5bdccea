"""A server that people sign in to, from its first start on; and where its secrets do not appear."""

import subprocess
import sys
from collections.abc import Callable

import httpx

from tests.access_keys import make
from tests.otelgres_process import OtelgresProcess
from tests.served_api import sql

Start = Callable[..., OtelgresProcess]
ADMIN = "adam@example.com"
PASSWORD, WRONG, NEXT = "a quiet path through woods", "a loud road along fields", "another path through woods"
TOKEN, INGEST = "an admin token for tests", "an ingest token for tests"
SESSION = "/api/access/session"


def otelgres(server: OtelgresProcess, *arguments: str, stdin: str = "") -> str:
    command = [sys.executable, "-m", "server.cli", *arguments]
    done = subprocess.run(command, env=server.environment, input=stdin, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_first_start_says_how_to_set_up_an_admin_who_can_then_sign_in(server: Start) -> None:
    process = server(OTELGRES_PEOPLE="accounts", OTELGRES_WORKERS="1")
    hint = "nobody can sign in yet: otelgres user create --role admin you@example.com"
    assert hint in process.output()
    otelgres(process, "user", "create", "--role", "admin", ADMIN, stdin=PASSWORD)
    with httpx.Client(base_url=process.url) as client:
        assert client.get("/", headers={"accept": "text/html"}).headers["location"] == "/admin/sign-in?next=/"
        assert client.post(SESSION, json={"email": ADMIN, "password": PASSWORD}).json()["role"] == "admin"
        assert client.get("/api/access/users").json()["users"][0]["email"] == ADMIN
    process.close()
    assert hint not in server(OTELGRES_PEOPLE="accounts").output()


def test_secrets_appear_nowhere_but_where_they_are_handed_over(server: Start) -> None:
    process = server(
        OTELGRES_PEOPLE="accounts",
        OTELGRES_ADMIN_TOKEN=TOKEN,
        OTELGRES_INGEST_TOKEN=INGEST,
        OTELGRES_LOG_LEVEL="DEBUG",
    )
    shown = [otelgres(process, "user", "create", "--role", "admin", ADMIN, stdin=PASSWORD)]
    key = make(process.dsn, "script", ["write"])
    with httpx.Client(base_url=process.url) as client:
        wrong = client.post(SESSION, json={"email": ADMIN, "password": WRONG})
        right = client.post(SESSION, json={"email": ADMIN, "password": PASSWORD})
        session, csrf = client.cookies["otelgres_session"], right.json()["csrf"]
        token = {"authorization": f"Bearer {TOKEN}"}
        answers = [
            wrong,
            client.get("/api/access/users"),
            client.get("/api/access/audit"),
            client.get("/api/access/keys"),
            client.get("/api/access/users", headers=token | {"x-user-email": WRONG}),
            client.get("/api/access/users", headers={"authorization": f"Bearer {TOKEN}x"}),
            client.get("/api/access/users", headers={"authorization": f"Bearer {key.text}"}),
            client.post("/api/access/users", json={"email": "x", "password": NEXT}, headers=token),
            client.patch(f"/api/access/users/{ADMIN}", json={"password": "short"}, headers=token),
            client.patch(f"/api/access/users/{ADMIN}", json={"password": NEXT}, headers=token),
            client.get("/api/observability/traces", params={"cursor": "broken"}, headers=token),
            client.get("/metrics", headers=token),
            client.get("/", headers=token),
            client.get("/api/openapi.json", headers=token),
        ]
        httpx.post(f"{process.otlp_http_url}/v1/logs", headers={"authorization": f"Bearer {INGEST}x"})
    shown += [answer.text for answer in answers]
    shown += [otelgres(process, *arguments) for arguments in (["config"], ["user", "list"], ["key", "list"])]
    audit = sql(process.dsn, "SELECT to_jsonb(a)::text AS row FROM enterprise.access_audit AS a")
    shown += [row["row"] for row in audit]
    tables = "SELECT to_jsonb(t)::text AS row FROM enterprise.{} AS t"
    owned = ("people", "sessions", "access_keys", "sign_in_attempts")
    kept = [row["row"] for table in owned for row in sql(process.dsn, tables.format(table))]
    signing = sql(process.dsn, "SELECT encode(secret, 'hex') AS secret FROM enterprise.signing_keys")[0]["secret"]
    secrets = [PASSWORD, WRONG, NEXT, TOKEN, INGEST, key.text, key.text.split("_", 2)[2], session, signing, csrf]
    everything = "\n".join([process.output(), *shown, *kept])
    assert not [secret for secret in secrets if secret in everything]
