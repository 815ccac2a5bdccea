"""Silences: made for a time, changed, ended, and looked at before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from alerting.api.policy_models import MutedInstances, SilenceAnswer, Silences
from tests.alert_policies import CRITICAL, audited, kept_in_a_file, open_instance
from tests.conftest import copied
from tests.served_api import sql

SILENCES = "/api/observability/alerts/silences"


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def hours(number: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=number)).isoformat()


def silence(**fields: Any) -> dict[str, Any]:
    return {
        "matchers": CRITICAL,
        "ends_at": hours(2),
        "created_by": "ann@example.com",
        "reason": "The database moves",
    } | fields


def make(api: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = api.post(SILENCES, json=silence(**fields), params={"user_email": "bob@example.com"})
    assert answer.status_code == 200, answer.text
    SilenceAnswer.model_validate_json(answer.text)
    made: dict[str, Any] = answer.json()
    return made


def listed(api: httpx.Client, **parameters: Any) -> list[str]:
    answer = api.get(SILENCES, params=parameters)
    assert answer.status_code == 200, answer.text
    Silences.model_validate_json(answer.text)
    return [found["reason"] for found in answer.json()["silences"]]


def test_a_silence_begins_now_unless_it_says_when(api: httpx.Client) -> None:
    made = make(api)
    assert (made["state"], made["matchers"], made["reason"]) == ("active", CRITICAL, "The database moves")
    assert abs(datetime.fromisoformat(made["starts_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert make(api, starts_at=hours(1))["state"] == "pending"
    assert api.get(f"{SILENCES}/{made['id']}").json() == made


def test_silences_are_listed_by_state_those_that_end_last_first(api: httpx.Client, database: str) -> None:
    make(api, reason="soon over", ends_at=hours(1))
    make(api, reason="long", ends_at=hours(9))
    make(api, reason="later", starts_at=hours(3), ends_at=hours(5))
    make(api, reason="over", ends_at=hours(6))
    sql(
        database,
        "UPDATE enterprise.alert_silences SET starts_at = now() - interval '2 h', ends_at = now() - interval '1 h' "
        "WHERE reason = 'over'",
    )
    assert listed(api) == ["long", "later", "soon over", "over"]
    assert listed(api, state="active") == ["long", "soon over"]
    assert listed(api, state="pending") == ["later"]
    assert listed(api, state="expired") == ["over"]
    assert listed(api, state="", limit=1) == ["long"]
    assert api.get(SILENCES, params={"state": "loud"}).status_code == 422


def test_what_is_given_is_changed_and_nothing_else(api: httpx.Client, database: str) -> None:
    made = make(api)
    until = hours(8)
    answer = api.put(f"{SILENCES}/{made['id']}", json={"ends_at": until, "reason": None})
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert datetime.fromisoformat(changed["ends_at"]) == datetime.fromisoformat(until)
    ignored = {"ends_at", "version", "updated_at"}
    assert {name: changed[name] for name in changed.keys() - ignored} == {
        name: made[name] for name in made.keys() - ignored
    }
    assert changed["version"] == 2
    assert [row["action"] for row in audited(database)] == ["create", "update"]
    stale = api.put(f"{SILENCES}/{made['id']}", json={"reason": "r"}, headers={"if-match": '"1"'})
    assert stale.status_code == 412


def test_a_silence_that_is_ended_stays_to_be_read(api: httpx.Client, database: str) -> None:
    for made in (make(api), make(api, starts_at=hours(1))):
        path = f"{SILENCES}/{made['id']}"
        assert api.delete(path).json() == {"message": "Silence expired"}
        ended = api.get(path).json()
        assert (ended["state"], ended["version"]) == ("expired", 2)
        assert datetime.fromisoformat(ended["ends_at"]) <= datetime.now(UTC)
        assert api.delete(path).status_code == 200, "and that it is over already changes nothing"
        assert api.get(path).json() == ended
        assert api.put(path, json={"ends_at": hours(5)}).status_code == 409
    assert [row["action"] for row in audited(database)] == ["create", "create", "update", "update"]
    assert audited(database)[0]["actor"] == "bob@example.com"


def test_an_unknown_silence_is_404_and_one_of_a_file_409(api: httpx.Client, database: str) -> None:
    path = f"{SILENCES}/{uuid4()}"
    for answer in (api.get(path), api.delete(path), api.put(path, json={"reason": "r"})):
        assert (answer.status_code, answer.json()) == (404, {"detail": "Silence not found"})
    path = f"{SILENCES}/{make(api)['id']}"
    kept_in_a_file(database, "silences", "alerts.yaml")
    for answer in (api.delete(path), api.put(path, json={"reason": "r"})):
        assert answer.status_code == 409
        assert "alerts.yaml" in answer.json()["detail"]
    assert api.get(f"{SILENCES}/no-id").status_code == 422


@pytest.mark.parametrize(
    "fields",
    [
        {"matchers": []},
        {"matchers": [{"name": "alertname", "op": "=~", "value": ".*"}]},
        {"matchers": [{"name": "alertname", "op": "!=", "value": "x"}]},
        {"matchers": [{"name": "alertname", "op": "=", "value": ""}]},
        {"matchers": [{"name": "alertname", "op": "=~", "value": "(a"}]},
        {"matchers": [{"name": "alertname", "op": "=~", "value": "(?=a)"}]},
        {"reason": " "},
        {"reason": None},
        {"created_by": ""},
        {"ends_at": None},
        {"ends_at": hours(-1)},
        {"ends_at": "2036-01-01T00:00:00"},
        {"starts_at": hours(3)},
        {"ends_at": "9999-01-01T00:00:00+00:00"},
        {"unknown": 1},
    ],
    ids=range(15),
)
def test_what_is_no_silence_is_422(api: httpx.Client, fields: dict[str, Any]) -> None:
    answer = api.post(SILENCES, json=silence(**fields))
    assert answer.status_code == 422, answer.text
    assert "Value error" not in answer.text
    assert listed(api) == []


def test_a_preview_tells_which_open_alerts_a_silence_is_about(api: httpx.Client, database: str) -> None:
    shop = open_instance(database, "Errors of a service", {"service": "shop"})
    open_instance(database, "Errors of a service", {"service": "cart"})
    open_instance(database, "Errors of a service", {"service": "mail"}, status="resolved")

    def muted(*matchers: tuple[str, str, str]) -> list[dict[str, Any]]:
        body = {"matchers": [dict(zip(("name", "op", "value"), one, strict=True)) for one in matchers]}
        answer = api.post(f"{SILENCES}/preview", json=body)
        assert answer.status_code == 200, answer.text
        found = MutedInstances.model_validate_json(answer.text)
        assert found.total == len(found.instances)
        instances: list[dict[str, Any]] = answer.json()["instances"]
        return instances

    (one,) = muted(("service", "=~", "s.*"), ("team", "=", "web"))
    assert (one["id"], one["status"], one["rule_name"]) == (shop, "firing", "Errors of a service")
    assert one["labels"] == {
        "alertname": "Errors of a service",
        "severity": "warning",
        "team": "web",
        "service": "shop",
    }
    assert len(muted(("alertname", "=", "Errors of a service"))) == 2
    assert muted(("service", "=~", "ho")) == []
    assert muted(("service", "=", "mail")) == []
    assert len(muted(("team", "=", "web"), ("service", "!~", "shop|mail"))) == 1
