"""Keys at the API: made, listed, revoked; what each scope opens there; what is told of it."""

import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from server.settings import Settings
from tests.access_keys import Made, expire, make, take_back
from tests.conftest import copied
from tests.served_api import served_api, sql

TOKEN = "an admin token for tests"
ADMIN = {"authorization": f"Bearer {TOKEN}"}
KEYS = "/api/access/keys"
TRACES = "/api/observability/traces"
NO_RULE = f"/api/observability/alerts/rules/{uuid.UUID(int=0)}"
AT_WORST = 5.0


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture(scope="module")
def client(database: str) -> Iterator[httpx.Client]:
    with served_api(database, Settings(admin_token=SecretStr(TOKEN))) as client:
        yield client


def name() -> str:
    return f"key {uuid.uuid4().hex[:8]}"


def create(client: httpx.Client, **wish: Any) -> dict[str, Any]:
    answer = client.post(KEYS, json={"name": name(), "scopes": ["read"]} | wish, headers=ADMIN)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def until_status(client: httpx.Client, headers: dict[str, str], status: int, path: str = TRACES) -> None:
    deadline = time.monotonic() + AT_WORST
    while (answer := client.get(path, headers=headers)).status_code != status:
        assert time.monotonic() < deadline, answer.text


def audit(database: str, subject: str) -> list[dict[str, Any]]:
    query = (
        "SELECT actor, action, detail::text, client_address FROM enterprise.access_audit WHERE subject = $1 ORDER BY id"
    )
    return [dict(row) for row in sql(database, query, subject)]


def test_a_key_is_shown_once_and_its_hash_never(client: httpx.Client, database: str) -> None:
    wish = {"scopes": ["logs", "traces", "logs"], "services": ["shop"], "expires_at": "2999-01-01T00:00:00Z"}
    made = create(client, **wish)
    assert made["key"].startswith(f"otg_{made['id']}_")
    assert (made["scopes"], made["services"]) == (["logs", "traces"], ["shop"])
    assert (made["created_by"], made["revoked_at"], made["last_used_at"]) == ("admin token", None, None)
    listed = client.get(KEYS, headers=ADMIN)
    shown = {key: value for key, value in made.items() if key != "key"}
    assert shown in listed.json()["keys"]
    ((digest,),) = sql(database, "SELECT encode(digest, 'hex') FROM enterprise.access_keys WHERE id = $1", made["id"])
    entries = json.dumps(audit(database, made["name"]))
    for secret in (made["key"].rpartition("_")[2], digest):
        assert secret not in listed.text
        assert secret not in entries


def test_the_audit_has_who_made_and_who_revoked_what_from_where(client: httpx.Client, database: str) -> None:
    made = create(client, scopes=["metrics"], services=["shop"])
    first, second = (client.delete(f"{KEYS}/{made['id']}", headers=ADMIN) for _ in range(2))
    assert first.json() == second.json()
    assert (first.json()["revoked_by"], first.json()["revoked_at"] is None) == ("admin token", False)
    entries = audit(database, made["name"])
    assert [(entry["actor"], entry["action"], entry["client_address"]) for entry in entries] == [
        ("admin token", "key.created", "127.0.0.1"),
        ("admin token", "key.revoked", "127.0.0.1"),
    ]
    assert json.loads(entries[0]["detail"]) == {
        "id": made["id"],
        "scopes": ["metrics"],
        "services": ["shop"],
        "expires_at": None,
    }


@pytest.mark.parametrize(
    "wish",
    [
        {"name": ""},
        {"name": "n" * 101},
        {"name": "two\nlines"},
        {"name": "n\0"},
        {"scopes": []},
        {"scopes": ["admin"]},
        {"scopes": ["logs"] * 21},
        {"services": []},
        {"services": [""], "scopes": ["logs"]},
        {"services": ["shop"]},
        {"expires_at": "2001-01-01T00:00:00Z"},
        {"expires_at": "2999-01-01T00:00:00"},
        {"digest": "x"},
    ],
    ids=str,
)
def test_what_is_no_key_is_refused(client: httpx.Client, wish: dict[str, Any]) -> None:
    answer = client.post(KEYS, json={"name": name(), "scopes": ["read"]} | wish, headers=ADMIN)
    assert answer.status_code == 422, answer.text


def test_a_name_is_free_again_when_its_key_is_revoked(client: httpx.Client) -> None:
    made = create(client)
    again = {"name": made["name"], "scopes": ["read"]}
    taken = client.post(KEYS, json=again, headers=ADMIN)
    assert (taken.status_code, list(taken.json())) == (409, ["detail"])
    client.delete(f"{KEYS}/{made['id']}", headers=ADMIN)
    assert client.post(KEYS, json=again, headers=ADMIN).status_code == 201


def test_unknown_keys_are_not_found(client: httpx.Client) -> None:
    assert client.delete(f"{KEYS}/{'0' * 12}", headers=ADMIN).status_code == 404
    assert client.delete(f"{KEYS}/nonsense", headers=ADMIN).status_code == 422


def test_pages_have_every_key_once_and_revoked_ones_only_when_asked(client: httpx.Client) -> None:
    ids = [create(client)["id"] for _ in range(5)]
    client.delete(f"{KEYS}/{ids[0]}", headers=ADMIN)

    def walked(**query: Any) -> list[str]:
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = client.get(KEYS, params={"limit": 2, **query, **cursor}, headers=ADMIN).json()
            found += [key["id"] for key in page["keys"]]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    assert [id_ for id_ in walked(revoked=True) if id_ in ids] == ids[::-1]
    everything = walked()
    assert [id_ for id_ in everything if id_ in ids] == ids[:0:-1]
    assert len(everything) == len(set(everything))


MAY = {
    "nobody": (401, 401, 401),
    "read": (200, 403, 403),
    "write": (200, 404, 403),
    "read, write": (200, 404, 403),
    "traces": (401, 401, 401),
    "logs": (401, 401, 401),
    "metrics": (401, 401, 401),
    "logs, read": (200, 403, 403),
}


@pytest.mark.parametrize("scopes", MAY)
def test_a_key_reads_as_viewer_writes_as_editor_and_is_no_admin(
    client: httpx.Client, database: str, scopes: str
) -> None:
    headers = {}
    if scopes != "nobody":
        headers = make(database, name(), scopes.split(", ")).bearer
        # A later key is known: this one is too.
        until_status(client, make(database, name(), ["read"]).bearer, 200)
    may_read, may_write, may_make_keys = MAY[scopes]
    assert client.get(TRACES, headers=headers).status_code == may_read
    assert client.delete(NO_RULE, headers=headers).status_code == may_write
    assert client.get(KEYS, headers=headers).status_code == may_make_keys
    wish = {"name": name(), "scopes": ["read"]}
    assert client.post(KEYS, json=wish, headers=headers).status_code == may_make_keys
    assert client.get("/api/access/audit", headers=headers).status_code == may_make_keys


def test_revoked_expired_and_wrong_keys_open_nothing(client: httpx.Client, database: str) -> None:
    def known() -> Made:
        key = make(database, name(), ["read"])
        until_status(client, key.bearer, 200)
        return key

    revoked, expired, good = known(), known(), known()
    take_back(database, revoked)
    until_status(client, revoked.bearer, 401)
    expire(database, expired, datetime.now(UTC) + timedelta(milliseconds=500))
    until_status(client, expired.bearer, 401)
    for wrong in (f"otg_{good.id}_{'0' * 48}", good.text[:-1], good.text + "0" * 4000, good.text.upper(), good.id):
        answer = client.get(TRACES, headers={"authorization": f"Bearer {wrong}"})
        assert answer.status_code == 401
        assert wrong not in answer.text
    assert client.get(TRACES, auth=("anybody", good.text)).status_code == 200
