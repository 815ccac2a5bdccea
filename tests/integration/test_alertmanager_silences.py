"""Silences over Alertmanager's API: the same that the API of alerts has, in Alertmanager's words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.alert_policies import audited, kept_in_a_file
from tests.conftest import copied
from tests.served_api import sql

V2 = "/alertmanager/api/v2"
OWN = "/api/observability/alerts/silences"
MATCHERS = [
    {"name": "alertname", "value": "Disk.*", "isRegex": True, "isEqual": True},
    {"name": "team", "value": "web", "isRegex": False, "isEqual": False},
]


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def hours(number: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=number)).isoformat()


def silence(**fields: Any) -> dict[str, Any]:
    return {
        "matchers": MATCHERS,
        "startsAt": hours(-1),
        "endsAt": hours(2),
        "createdBy": "ann",
        "comment": "The disk is replaced",
    } | fields


def post(api: httpx.Client, **fields: Any) -> str:
    answer = api.post(f"{V2}/silences", json=silence(**fields))
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["silenceID"]
    made: str = answer.json()["silenceID"]
    return made


def listed(api: httpx.Client, **parameters: Any) -> list[str]:
    answer = api.get(f"{V2}/silences", params=parameters)
    assert answer.status_code == 200, answer.text
    return [found["comment"] for found in answer.json()]


def test_a_silence_is_shown_with_exactly_alertmanagers_fields(api: httpx.Client) -> None:
    made = post(api)
    shown = api.get(f"{V2}/silence/{made}").json()
    assert shown.keys() == {
        "id",
        "status",
        "updatedAt",
        "matchers",
        "startsAt",
        "endsAt",
        "createdBy",
        "comment",
    }
    assert (shown["id"], shown["status"], shown["matchers"]) == (made, {"state": "active"}, MATCHERS)
    assert (shown["createdBy"], shown["comment"]) == ("ann", "The disk is replaced")
    for name in ("startsAt", "endsAt", "updatedAt"):
        datetime.strptime(shown[name], "%Y-%m-%dT%H:%M:%S.%f%z")
        assert shown[name].endswith("Z")
    assert datetime.fromisoformat(shown["startsAt"]) > datetime.now(UTC) - timedelta(minutes=5), "no beginning is past"
    assert api.get(f"{V2}/silences").json() == [shown]


def test_it_is_the_silence_that_the_own_api_has(api: httpx.Client, database: str) -> None:
    made = post(api, endsAt=hours(3))
    own = api.get(f"{OWN}/{made}").json()
    assert own["matchers"] == [
        {"name": "alertname", "op": "=~", "value": "Disk.*"},
        {"name": "team", "op": "!=", "value": "web"},
    ]
    assert (own["state"], own["reason"], own["created_by"]) == ("active", "The disk is replaced", "ann")
    (row,) = audited(database)
    assert (row["action"], row["actor"], row["object_id"]) == ("create", "ann", made)


def test_active_ones_come_first_then_those_to_come_then_those_that_are_over(api: httpx.Client, database: str) -> None:
    post(api, comment="long", endsAt=hours(9))
    post(api, comment="later", startsAt=hours(3), endsAt=hours(5))
    post(api, comment="short", endsAt=hours(1))
    post(api, comment="over")
    post(api, comment="long over")
    for reason, ago in (("over", timedelta(hours=1)), ("long over", timedelta(hours=121))):
        end = "UPDATE enterprise.alert_silences SET (starts_at, ends_at) = (now() - $1, now() - $1) WHERE reason = $2"
        sql(database, end.replace("$1", "$1::interval"), ago, reason)
    assert listed(api) == ["short", "long", "later", "over"]


def test_silences_are_found_by_their_matchers_and_makers(api: httpx.Client) -> None:
    post(api, comment="disk")
    post(api, comment="load", createdBy="bob", matchers=[MATCHERS[1] | {"isEqual": True}])
    assert listed(api, filter='alertname=~"Disk.*"') == ["disk"]
    assert listed(api, filter=["alertname=~Disk.*", "team!=web"]) == ["disk"]
    assert listed(api, filter="team=web") == ["load"]
    assert listed(api, filter="alertname=Disk") == []
    assert listed(api, creator="bob") == ["load"]
    bad = api.get(f"{V2}/silences", params={"filter": "team"})
    assert (bad.status_code, bad.json()) == (400, "bad matcher format: team")


def test_a_matcher_without_isequal_is_one_of_equality(api: httpx.Client) -> None:
    made = post(api, matchers=[{"name": "a", "value": "b", "isRegex": False}])
    assert api.get(f"{V2}/silence/{made}").json()["matchers"][0]["isEqual"] is True


def test_a_silence_is_changed_by_its_id_and_one_that_is_over_made_anew(api: httpx.Client) -> None:
    made = post(api)
    assert post(api, id=made, endsAt=hours(8), comment="It takes longer") == made
    assert listed(api) == ["It takes longer"]
    assert api.delete(f"{V2}/silence/{made}").status_code == 200
    assert api.get(f"{V2}/silence/{made}").json()["status"] == {"state": "expired"}
    assert post(api, id=made) != made
    for unknown in (str(uuid4()), "no-id"):
        refused = api.post(f"{V2}/silences", json=silence(id=unknown))
        assert (refused.status_code, refused.json()) == (404, "silence not found")


def test_an_unknown_silence_is_404(api: httpx.Client) -> None:
    for answer in (api.get(f"{V2}/silence/{uuid4()}"), api.delete(f"{V2}/silence/{uuid4()}")):
        assert (answer.status_code, answer.json()) == (404, "silence not found")
    assert api.get(f"{V2}/silence/no-id").status_code == 400


def test_one_of_a_file_is_refused(api: httpx.Client, database: str) -> None:
    made = post(api)
    kept_in_a_file(database, "silences", "alerts.yaml")
    for refused in (api.delete(f"{V2}/silence/{made}"), api.post(f"{V2}/silences", json=silence(id=made))):
        assert refused.status_code == 400
        assert "alerts.yaml" in refused.json()


@pytest.mark.parametrize(
    "fields",
    [
        {"matchers": []},
        {"matchers": [{"name": "a", "value": "", "isRegex": False}]},
        {"matchers": [{"name": "a", "value": "(", "isRegex": True}]},
        {"matchers": [{"name": "", "value": "b", "isRegex": False}]},
        {"matchers": [{"name": "a", "value": "b"}]},
        {"matchers": [{"name": "a", "value": "\0", "isRegex": False}]},
        {"endsAt": hours(-1)},
        {"startsAt": hours(3)},
        {"startsAt": "now"},
        {"comment": " "},
        {"createdBy": ""},
        {"createdBy": None},
    ],
    ids=range(12),
)
def test_what_is_no_silence_is_400_with_a_text(api: httpx.Client, fields: dict[str, Any]) -> None:
    answer = api.post(f"{V2}/silences", json=silence(**fields))
    assert (answer.status_code, isinstance(answer.json(), str)) == (400, True), answer.text
    assert listed(api) == []
