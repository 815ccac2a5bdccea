"""Routes and inhibitions: kept as given, changed from the version that was seen, each change in the audit."""

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from alerting.api.policy_models import InhibitionAnswer, Inhibitions, RouteAnswer, Routes
from alerting.keeping.changing import By, Unchangeable, put_route
from alerting.keeping.routing import NoticeRoute
from database.pool import connect
from tests.alert_policies import CRITICAL, audited, kept_in_a_file
from tests.conftest import copied, run

ALERTS = "/api/observability/alerts"
ROUTE = {
    "matchers": CRITICAL,
    "channels": ["on call", "slack"],
    "group_by": ["service"],
    "group_wait_seconds": 30,
    "group_interval_seconds": 300,
    "reminder_minutes": 60,
    "escalate_after_minutes": 15,
    "escalate_to": ["boss"],
    "goes_on": True,
}
INHIBITION = {
    "source_matchers": CRITICAL,
    "target_matchers": [{"name": "severity", "op": "=~", "value": "warning|info"}],
    "equal_labels": ["service"],
}


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def put(api: httpx.Client, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = api.put(f"{ALERTS}/{path}", json=body, headers=headers, params={"user_email": "ann@example.com"})
    assert answer.status_code == 200, answer.text
    kept: dict[str, Any] = answer.json()
    assert answer.headers["etag"] == f'"{kept["version"]}"'
    return kept


@pytest.mark.parametrize(
    ("path", "body", "shape"),
    [("routes", ROUTE, RouteAnswer), ("inhibitions", INHIBITION, InhibitionAnswer)],
    ids=["routes", "inhibitions"],
)
def test_what_is_put_is_kept_changed_and_deleted(
    api: httpx.Client, database: str, path: str, body: dict[str, Any], shape: Any
) -> None:
    kept = put(api, f"{path}/by%20severity", body)
    shape.model_validate(kept)
    assert {name: kept[name] for name in body} == body
    assert (kept["name"], kept["version"], kept["provisioned_from"]) == ("by severity", 1, None)
    listed = api.get(f"{ALERTS}/{path}")
    {"routes": Routes, "inhibitions": Inhibitions}[path].model_validate_json(listed.text)
    assert listed.json()[path] == [kept]
    assert api.get(f"{ALERTS}/{path}/by severity").json() == kept
    assert put(api, f"{path}/by severity", body) == kept, "the same again is no change"

    other = [*CRITICAL, {"name": "service", "op": "!=", "value": "shop"}]
    field = "matchers" if path == "routes" else "source_matchers"
    changed = put(api, f"{path}/by severity", body | {field: other})
    assert (changed["version"], changed[field]) == (2, other)
    deleted = api.delete(f"{ALERTS}/{path}/by severity")
    assert (deleted.status_code, deleted.json()["message"][-8:]) == (200, " deleted")
    for gone in (api.get(f"{ALERTS}/{path}/by severity"), api.delete(f"{ALERTS}/{path}/by severity")):
        assert (gone.status_code, gone.json()["detail"][-10:]) == (404, " not found")
    trail = audited(database)
    assert [(row["action"], row["object_type"], row["object_name"]) for row in trail] == [
        (action, path[:-1], "by severity") for action in ("create", "update", "delete")
    ]
    assert [row["actor"] for row in trail] == ["ann@example.com", "ann@example.com", None]
    assert (trail[1]["before"][field], trail[1]["after"][field]) == (body[field], other)


def test_routes_are_listed_by_place_and_a_new_one_is_last(api: httpx.Client) -> None:
    put(api, "routes/b", {"place": 5})
    put(api, "routes/a", {})
    put(api, "routes/c", {"place": 0})
    put(api, "routes/b", {"goes_on": True})
    found = [(route["name"], route["place"]) for route in api.get(f"{ALERTS}/routes").json()["routes"]]
    assert found == [("c", 0), ("b", 5), ("a", 6)]


@pytest.mark.parametrize("path", ["routes", "inhibitions", "channels"])
def test_a_change_of_what_is_not_as_it_was_seen_is_412(api: httpx.Client, path: str) -> None:
    webhook = {"kind": "webhook", "settings": {"url": "https://one.example"}}
    body, other = {
        "routes": (ROUTE, ROUTE | {"goes_on": False}),
        "inhibitions": (INHIBITION, INHIBITION | {"equal_labels": []}),
        "channels": (webhook, webhook | {"settings": {"url": "https://two.example"}}),
    }[path]
    put(api, f"{path}/x", body)
    put(api, f"{path}/x", other, **{"if-match": '"1"'})
    for stale in (
        api.put(f"{ALERTS}/{path}/x", json=body, headers={"if-match": '"1"'}),
        api.delete(f"{ALERTS}/{path}/x", headers={"if-match": 'W/"1"'}),
        api.put(f"{ALERTS}/{path}/y", json=body, headers={"if-match": "1"}),
    ):
        assert stale.status_code == 412, stale.text
    assert api.delete(f"{ALERTS}/{path}/x", headers={"if-match": "*"}).status_code == 200
    assert api.put(f"{ALERTS}/{path}/x", json=body, headers={"if-match": "first"}).status_code == 422


@pytest.mark.parametrize("path", ["routes", "inhibitions", "channels"])
def test_what_a_file_keeps_is_changed_there(api: httpx.Client, database: str, path: str) -> None:
    body = {
        "routes": ROUTE,
        "inhibitions": INHIBITION,
        "channels": {"kind": "webhook", "settings": {"url": "https://one.example"}},
    }[path]
    put(api, f"{path}/x", body)
    kept_in_a_file(database, path, "alerts.yaml")
    for refused in (api.put(f"{ALERTS}/{path}/x", json=body), api.delete(f"{ALERTS}/{path}/x")):
        assert refused.status_code == 409
        assert "alerts.yaml" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("routes/x", {"escalate_after_minutes": 5}),
        ("routes/x", {"escalate_to": ["boss"]}),
        ("routes/x", {"channels": ["slack", "slack"]}),
        ("routes/x", {"place": -1}),
        ("routes/x", {"group_wait_seconds": -1}),
        ("routes/x", {"unknown": 1}),
        ("routes/x", {"matchers": [{"name": "a", "op": "~", "value": "b"}]}),
        ("routes/x", {"matchers": [{"name": "a", "op": "=~", "value": "("}]}),
        ("routes/x", {"matchers": [{"name": "", "value": "b"}]}),
        ("routes/x", {"matchers": [{"name": "a", "value": "\0"}]}),
        ("routes/%20x", {}),
        ("routes/a\u00e9", {}),
        ("inhibitions/x", {}),
        ("inhibitions/x", INHIBITION | {"source_matchers": []}),
        ("inhibitions/x", INHIBITION | {"target_matchers": [{"name": "a", "op": "=~", "value": ".*"}]}),
        ("inhibitions/x", INHIBITION | {"equal_labels": ["a", "a"]}),
    ],
)
def test_what_is_no_policy_is_422_and_says_where(api: httpx.Client, path: str, body: dict[str, Any]) -> None:
    answer = api.put(f"{ALERTS}/{path}", json=body)
    assert answer.status_code == 422, answer.text
    assert all(mistake["loc"] and mistake["msg"] for mistake in answer.json()["detail"])
    assert api.get(f"{ALERTS}/{path.split('/')[0]}").json() == {path.split("/")[0]: []}


def test_of_two_who_change_the_same_version_one_is_told(api: httpx.Client, database: str) -> None:
    put(api, "routes/x", {"place": 1})

    async def change(place: int) -> bool:
        connection = await connect(database)
        try:
            async with connection.transaction():
                await put_route(connection, "x", NoticeRoute(place=place), By(version=1))
        except Unchangeable:
            return False
        finally:
            await connection.close()
        return True

    async def race() -> list[bool]:
        return await asyncio.gather(*(change(place) for place in range(2, 10)))

    assert sorted(run(race())) == [False] * 7 + [True]
    assert api.get(f"{ALERTS}/routes/x").json()["version"] == 2


def test_the_audit_is_written_with_the_change_or_neither_is(api: httpx.Client, database: str) -> None:
    async def broken_off(connection: asyncpg.Connection) -> None:
        async with connection.transaction():
            await put_route(connection, "x", NoticeRoute(), By())
            await connection.execute("SELECT 1 / 0")

    async def fail() -> None:
        connection = await connect(database)
        try:
            with pytest.raises(asyncpg.DivisionByZeroError):
                await broken_off(connection)
        finally:
            await connection.close()

    run(fail())
    assert api.get(f"{ALERTS}/routes").json() == {"routes": []}
    assert audited(database) == []
