"""Alerts over Alertmanager's API: what fires, how it stands, and what others report."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.alert_policies import CRITICAL, open_instance
from tests.conftest import copied
from tests.served_api import sql

V2 = "/alertmanager/api/v2"
OWN = "/api/observability/alerts"


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def shown(api: httpx.Client, **parameters: Any) -> list[dict[str, Any]]:
    answer = api.get(f"{V2}/alerts", params=parameters)
    assert answer.status_code == 200, answer.text
    alerts: list[dict[str, Any]] = answer.json()
    return alerts


def services(api: httpx.Client, **parameters: Any) -> list[str]:
    return sorted(alert["labels"].get("service", "") for alert in shown(api, **parameters))


def silence(api: httpx.Client, service: str) -> str:
    body = {
        "matchers": [{"name": "service", "op": "=", "value": service}],
        "ends_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        "created_by": "ann",
        "reason": "known",
    }
    answer = api.post(f"{OWN}/silences", json=body)
    assert answer.status_code == 200, answer.text
    id_: str = answer.json()["id"]
    return id_


def put(api: httpx.Client, path: str, body: dict[str, Any]) -> None:
    answer = api.put(f"{OWN}/{path}", json=body)
    assert answer.status_code == 200, answer.text


def test_an_alert_has_exactly_alertmanagers_fields(api: httpx.Client, database: str) -> None:
    at = datetime(2026, 11, 23, 9, 30, 0, 123456, UTC)
    open_instance(database, "Slow", {"service": "shop"}, triggered_at=at)
    (alert,) = shown(api)
    assert alert.keys() == {
        "labels",
        "annotations",
        "fingerprint",
        "receivers",
        "startsAt",
        "endsAt",
        "updatedAt",
        "status",
    }
    assert alert["labels"] == {"alertname": "Slow", "severity": "warning", "team": "web", "service": "shop"}
    assert alert["status"] == {"state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": []}
    assert alert["receivers"] == [{"name": "slack"}]
    assert len(alert["fingerprint"]) == 16
    assert alert["startsAt"] == "2026-11-23T09:30:00.123Z"
    assert datetime.fromisoformat(alert["endsAt"]) > datetime.now(UTC)


def test_what_is_resolved_is_not_shown_and_what_is_acknowledged_is(api: httpx.Client, database: str) -> None:
    open_instance(database, "Slow", {"service": "shop"}, status="acknowledged")
    open_instance(database, "Slow", {"service": "cart"}, status="resolved")
    assert services(api) == ["shop"]


def test_a_silenced_alert_says_by_what(api: httpx.Client, database: str) -> None:
    open_instance(database, "Slow", {"service": "shop"})
    open_instance(database, "Slow", {"service": "cart"})
    id_ = silence(api, "shop")
    found = {alert["labels"]["service"]: alert["status"] for alert in shown(api)}
    assert found["shop"] == {"state": "suppressed", "silencedBy": [id_], "inhibitedBy": [], "mutedBy": []}
    assert found["cart"]["state"] == "active"
    assert services(api, silenced="false") == ["cart"]
    assert services(api, active="false") == ["shop"]
    api.delete(f"{OWN}/silences/{id_}")
    assert services(api, silenced="false") == ["cart", "shop"]


def test_an_inhibited_alert_says_by_which_others(api: httpx.Client, database: str) -> None:
    open_instance(database, "Slow", {"service": "shop"})
    open_instance(database, "Slow", {"service": "cart"})
    open_instance(database, "Down", {"service": "shop"})
    sql(database, "UPDATE enterprise.alert_rules SET severity = 'critical' WHERE name = 'Down'")
    target = [{"name": "service", "op": "=~", "value": ".+"}]
    put(
        api,
        "inhibitions/down",
        {"source_matchers": CRITICAL, "target_matchers": target, "equal_labels": ["service"]},
    )
    alerts = {(alert["labels"]["alertname"], alert["labels"]["service"]): alert for alert in shown(api)}
    assert alerts["Slow", "shop"]["status"]["inhibitedBy"] == [alerts["Down", "shop"]["fingerprint"]]
    assert alerts["Slow", "shop"]["status"]["state"] == "suppressed"
    assert alerts["Slow", "cart"]["status"]["inhibitedBy"] == []
    assert alerts["Down", "shop"]["status"]["inhibitedBy"] == [], "no alert inhibits itself"
    assert services(api, inhibited="false") == ["cart", "shop"]


def test_alerts_are_found_by_labels_and_receivers(api: httpx.Client, database: str) -> None:
    open_instance(database, "Slow", {"service": "shop"})
    open_instance(database, "Slow", {"service": "cart"})
    put(api, "routes/shop", {"matchers": [{"name": "service", "op": "=", "value": "shop"}], "channels": ["on call"]})
    assert services(api, filter='service="shop"') == ["shop"]
    assert services(api, filter=["team=web", "service!~s.*"]) == ["cart"]
    assert services(api, filter='"service"=~"shop|cart"') == ["cart", "shop"]
    assert services(api, filter='absent=""') == ["cart", "shop"]
    assert services(api, receiver="on.*") == ["shop"]
    assert services(api, receiver="slack") == ["cart"]
    for bad in ({"filter": "service"}, {"filter": "a=~("}, {"receiver": "("}, {"active": "perhaps"}):
        answer = api.get(f"{V2}/alerts", params=bad)
        assert (answer.status_code, isinstance(answer.json(), str)) == (400, True), answer.text


def test_groups_are_those_that_channels_are_told_of(api: httpx.Client, database: str) -> None:
    open_instance(database, "Slow", {"service": "shop"})
    open_instance(database, "Slow", {"service": "cart"})
    put(api, "routes/all", {"channels": ["on call", "boss"], "group_by": ["team"], "goes_on": True})
    put(api, "routes/each", {"channels": ["log"]})
    groups = api.get(f"{V2}/alerts/groups").json()
    found = [(group["receiver"]["name"], group["labels"], len(group["alerts"])) for group in groups]
    each = {"alertname": "Slow", "severity": "warning", "team": "web"}
    assert found == [
        ("boss", {"team": "web"}, 2),
        ("log", each | {"service": "cart"}, 1),
        ("log", each | {"service": "shop"}, 1),
        ("on call", {"team": "web"}, 2),
    ]
    assert groups[0]["alerts"][0].keys() == shown(api)[0].keys()
    some = api.get(f"{V2}/alerts/groups", params={"receiver": "b.*", "filter": "service=shop"}).json()
    assert [(group["receiver"]["name"], len(group["alerts"])) for group in some] == [("boss", 1)]


def test_status_and_receivers(api: httpx.Client, database: str) -> None:
    put(api, "routes/all", {"channels": ["on call"], "escalate_after_minutes": 5, "escalate_to": ["boss"]})
    status = api.get(f"{V2}/status").json()
    assert status.keys() == {"cluster", "versionInfo", "config", "uptime"}
    assert status["cluster"] == {"status": "disabled", "peers": []}
    assert status["versionInfo"].keys() == {
        "version",
        "revision",
        "branch",
        "buildUser",
        "buildDate",
        "goVersion",
    }
    names = [receiver["name"] for receiver in api.get(f"{V2}/receivers").json()]
    assert names == ["boss", "email", "on call", "slack"]
    for path in ("healthy", "ready"):
        probe = api.get(f"/alertmanager/-/{path}")
        assert (probe.status_code, probe.text) == (200, "OK")
    assert "alertmanager_build_info{" in api.get("/alertmanager/metrics").text


def post(api: httpx.Client, *alerts: dict[str, Any]) -> httpx.Response:
    return api.post(f"{V2}/alerts", json=list(alerts))


def reported(database: str) -> list[tuple[str, str]]:
    rows = sql(
        database, "SELECT name, severity FROM enterprise.alert_rules WHERE metric_type = 'alertmanager' ORDER BY 1, 2"
    )
    return [(row["name"], row["severity"]) for row in rows]


def test_a_posted_alert_is_shown_at_once_and_is_of_the_rule_of_its_name_and_severity(
    api: httpx.Client, database: str
) -> None:
    labels = {"alertname": "DiskFull", "severity": "page", "instance": "a:9100"}
    posted = post(
        api,
        {"labels": labels | {"empty": ""}, "annotations": {"summary": "97 %"}, "generatorURL": "http://p/g"},
        {"labels": labels | {"instance": "b:9100"}, "startsAt": "2026-11-23T09:00:00Z"},
        {"labels": {"alertname": "DiskFull"}},
    )
    assert (posted.status_code, posted.text) == (200, "")
    assert reported(database) == [("DiskFull", "page"), ("DiskFull", "warning")]
    alerts = {alert["labels"].get("instance"): alert for alert in shown(api)}
    assert alerts["a:9100"]["labels"] == labels
    assert alerts["a:9100"]["annotations"] == {"summary": "97 %"}
    assert alerts["a:9100"]["generatorURL"] == "http://p/g"
    assert alerts["a:9100"]["status"]["state"] in ("unprocessed", "active"), "as soon as the engine has seen it"
    assert alerts["b:9100"]["startsAt"] == "2026-11-23T09:00:00.000Z"
    end = datetime.fromisoformat(alerts["b:9100"]["endsAt"])
    assert timedelta(minutes=4) < end - datetime.now(UTC) <= timedelta(minutes=5)


def test_an_alert_that_is_posted_again_goes_on_and_ends_when_it_says_so(api: httpx.Client) -> None:
    alert = {"labels": {"alertname": "A"}, "startsAt": "2026-11-23T09:00:00Z"}
    post(api, alert)
    post(api, {"labels": {"alertname": "A"}, "annotations": {"n": "2"}})
    (once,) = shown(api)
    assert (once["startsAt"], once["annotations"]) == ("2026-11-23T09:00:00.000Z", {"n": "2"})
    post(api, alert | {"endsAt": datetime.now(UTC).isoformat()})
    assert shown(api) == []


def test_a_posted_alert_becomes_an_alert_of_the_engine_and_is_resolved_when_it_ends(
    api: httpx.Client, database: str
) -> None:
    post(api, {"labels": {"alertname": "A", "service": "shop"}, "annotations": {"summary": "It is slow"}})
    instance = eventually(lambda: instances(api, "active", "true"))
    assert (instance["rule_name"], instance["status"], instance["metric_value"]) == ("A", "firing", 1.0)
    assert [alert["status"]["state"] for alert in shown(api)] == ["active"]
    post(api, {"labels": {"alertname": "A", "service": "shop"}, "endsAt": datetime.now(UTC).isoformat()})
    # The next evaluation, now.
    sql(database, "UPDATE enterprise.alert_rules SET evaluation_interval_seconds = 1 WHERE name = 'A'")
    assert eventually(lambda: instances(api, "status", "resolved"))["id"] == instance["id"]
    assert shown(api) == []


def instances(api: httpx.Client, name: str, value: str) -> dict[str, Any] | None:
    found = api.get(f"{OWN}/instances", params={name: value}).json()["instances"]
    return found[0] if found else None


def eventually(look: Callable[[], dict[str, Any] | None]) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come about within 60 s")


def test_what_cannot_be_taken_in_is_told_and_the_rest_is_taken(api: httpx.Client) -> None:
    answer = post(
        api,
        {"labels": {"alertname": "Good"}},
        {"labels": {}},
        {"labels": {"instance": "a"}},
        {"labels": {"alertname": "B"}, "startsAt": "2026-11-23T09:00:00Z", "endsAt": "2026-11-23T08:00:00Z"},
        {"labels": {"alertname": "n" * 256}},
    )
    assert answer.status_code == 400
    assert answer.json() == (
        "at least one label pair required; the label alertname is required; "
        "start time must be before end time; alertname or generatorURL is too long"
    )
    assert [alert["labels"]["alertname"] for alert in shown(api)] == ["Good"]


@pytest.mark.parametrize("body", ["{", "{}", '[{"labels": {"a": 1}}]', '[{"labels": {"a": "\\u0000"}}]', "[1]"])
def test_what_is_no_list_of_alerts_is_400(api: httpx.Client, database: str, body: str) -> None:
    answer = api.post(f"{V2}/alerts", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, isinstance(answer.json(), str)) == (400, True), answer.text
    assert reported(database) == []
