"""/alerts: instances, their story, history, audit and counts, over rows as the engine leaves them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from alerting.api.counts import Counts
from alerting.api.history_models import Audit, History
from alerting.api.instance_models import InstanceDetail, InstanceList
from tests.conftest import copied
from tests.served_api import sql

ALERTS = "/api/observability/alerts"
NOW = datetime.now(UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """Without the default rules."""
    for dsn in copied(postgres_dsn, template_database):
        sql(dsn, "DELETE FROM enterprise.alert_rules")
        yield dsn


def insert(dsn: str, table: str, **columns: object) -> Any:
    """The row that was inserted; dicts and lists are JSON."""
    values = [json.dumps(value) if isinstance(value, dict | list) else value for value in columns.values()]
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    names = ", ".join(columns)
    (row,) = sql(dsn, f"INSERT INTO enterprise.alert_{table} ({names}) VALUES ({places}) RETURNING *", *values)
    return row


def rule(dsn: str, name: str = "Errors", **columns: object) -> UUID:
    """One whose turn is tomorrow, so that the engine leaves what is there alone."""
    turn = {"last_evaluated_at": datetime.now(UTC) + MINUTE, "evaluation_interval_seconds": 86_400}
    given = {"metric_type": "elsewhere", "condition": "gt", "threshold": 10.0} | turn | columns
    rule_id: UUID = insert(dsn, "rules", name=name, **given)["id"]
    return rule_id


def instance(dsn: str, rule_id: UUID, ago: timedelta = MINUTE, **columns: object) -> str:
    given = {"fingerprint": uuid4().hex[:16], "metric_value": 11.0, "threshold_value": 10.0, "message": "m"} | columns
    return str(insert(dsn, "instances", rule_id=rule_id, triggered_at=NOW - ago, **given)["id"])


def listed(api: httpx.Client, **parameters: object) -> list[str]:
    return [found["id"] for found in page(api, **parameters)["instances"]]


def page(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get(f"{ALERTS}/instances", params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    InstanceList.model_validate_json(answer.text)
    found: dict[str, Any] = answer.json()
    return found


def test_an_alert_is_listed_with_its_rule(api: httpx.Client, database: str) -> None:
    rule_id = rule(database, severity="critical")
    instance_id = instance(database, rule_id, labels={"service": "shop"}, fingerprint="ab")
    (found,) = page(api)["instances"]
    assert found == {
        "id": instance_id,
        "rule_id": str(rule_id),
        "rule_name": "Errors",
        "severity": "critical",
        "triggered_at": found["triggered_at"],
        "resolved_at": None,
        "status": "firing",
        "acknowledged_by": None,
        "acknowledged_at": None,
        "metric_value": 11,
        "threshold_value": 10,
        "message": "m",
        "labels": {"service": "shop"},
        "fingerprint": "ab",
        "resolved_by": None,
        "resolved_because": None,
        "notifications_sent": [],
    }
    assert datetime.fromisoformat(found["triggered_at"]) == NOW - MINUTE


def test_alerts_are_narrowed_down(api: httpx.Client, database: str) -> None:
    errors, slow = rule(database), rule(database, "Slow", severity="info")
    new = instance(database, errors)
    acknowledged = instance(database, slow, 2 * MINUTE, status="acknowledged")
    resolved = instance(database, errors, 30 * HOUR, status="resolved", resolved_at=NOW)
    old = instance(database, slow, 300 * DAY)
    assert listed(api) == [new, acknowledged]
    assert listed(api, hours=168) == [new, acknowledged, resolved]
    assert listed(api, status="acknowledged") == [acknowledged]
    assert listed(api, status="nothing") == listed(api, rule_id=uuid4()) == []
    assert listed(api, status="", rule_id="") == [new, acknowledged]
    assert listed(api, rule_id=errors, hours=48) == [new, resolved]
    assert listed(api, severity="info") == [acknowledged]
    assert listed(api, active="true") == [new, acknowledged, old]
    assert listed(api, active="true", hours=1, rule_id=slow) == [acknowledged, old]
    assert listed(api, **{"from": (NOW - 40 * HOUR).isoformat(), "to": (NOW - HOUR).isoformat()}) == [resolved]


def test_pages_of_alerts_follow_each_other(api: httpx.Client, database: str) -> None:
    rule_id = rule(database)
    # Two of each moment, so that the id has to decide.
    ids = {instance(database, rule_id, place // 2 * MINUTE) for place in range(1, 8)}
    seen: list[str] = []
    cursor = ""
    for _ in range(4):
        got = page(api, active="true", limit=2, cursor=cursor)
        assert got["limit"] == 2
        seen += [found["id"] for found in got["instances"]]
        cursor = got["next_cursor"]
    assert cursor is None
    assert len(seen) == 7
    assert set(seen) == ids


@pytest.mark.parametrize(
    "parameters",
    [{"limit": 0}, {"limit": 201}, {"rule_id": "x"}, {"hours": 169}, {"active": "perhaps"}, {"cursor": "x"}],
    ids=str,
)
def test_bad_parameters_of_alerts_are_422(api: httpx.Client, parameters: dict[str, str]) -> None:
    assert api.get(f"{ALERTS}/instances", params=parameters).status_code == 422


def test_alerts_by_plain_sql_are_listed_whatever_is_null(api: httpx.Client, database: str) -> None:
    row = insert(database, "instances", rule_id=rule(database), status=None, context=None, notifications_sent=None)
    (found,) = page(api, active="true")["instances"]
    assert (found["id"], found["status"], found["message"], found["metric_value"]) == (str(row["id"]), None, None, None)
    InstanceDetail.model_validate_json(api.get(f"{ALERTS}/instances/{row['id']}").text)


def test_an_alert_has_its_history_and_every_attempt_to_tell_of_it(api: httpx.Client, database: str) -> None:
    rule_id = rule(database, annotations={"runbook_url": "https://wiki.example"})
    instance_id = instance(database, rule_id, fingerprint="ab", context={"rows": [{"message": "no"}]})
    insert(
        database,
        "states",
        rule_id=rule_id,
        fingerprint="ab",
        phase="recovering",
        since=NOW,
        evaluated_at=NOW,
        value=9.0,
        instance_id=UUID(instance_id),
    )
    for place, event in enumerate(("firing", "acknowledged", "recovering")):
        insert(
            database,
            "history",
            at=NOW + place * MINUTE,
            rule_id=rule_id,
            rule_name="Errors",
            instance_id=UUID(instance_id),
            event=event,
        )
    items = [{"instance_id": instance_id, "told": "firing"}, {"instance_id": str(uuid4()), "told": "resolved"}]
    notice = insert(database, "notices", channel="slack", group_key="g", kind="alert", items=items, state="sent")
    insert(database, "notices", channel="email", group_key="g", kind="alert", items=items[1:])
    for attempt, success in ((1, False), (2, True)):
        insert(
            database,
            "attempts",
            notice_id=notice["id"],
            attempt=attempt,
            channel="slack",
            sent_at=NOW,
            success=success,
            error=None if success else "429",
        )
    answer = api.get(f"{ALERTS}/instances/{instance_id}")
    InstanceDetail.model_validate_json(answer.text)
    found = answer.json()
    assert (found["instance"]["phase"], found["instance"]["last_value"]) == ("recovering", 9)
    assert found["instance"]["context"] == {"rows": [{"message": "no"}]}
    assert found["instance"]["annotations"] == {"runbook_url": "https://wiki.example"}
    assert [event["event"] for event in found["history"]] == ["recovering", "acknowledged", "firing"]
    (told,) = found["notices"]
    assert (told["id"], told["channel"], told["told"], told["state"]) == (
        str(notice["id"]),
        "slack",
        ["firing"],
        "sent",
    )
    assert [(tried["attempt"], tried["success"], tried["error"]) for tried in told["attempts"]] == [
        (1, False, "429"),
        (2, True, None),
    ]


def test_an_unknown_alert_is_404(api: httpx.Client) -> None:
    answer = api.get(f"{ALERTS}/instances/{uuid4()}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Alert not found"})
    assert api.get(f"{ALERTS}/instances/no-id").status_code == 422


def happened(api: httpx.Client, **parameters: object) -> list[str]:
    answer = api.get(f"{ALERTS}/history", params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    History.model_validate_json(answer.text)
    return [event["event"] for event in answer.json()["history"]]


def test_history_is_narrowed_down_and_tells_of_rules_that_are_gone(api: httpx.Client, database: str) -> None:
    gone, there, alert = uuid4(), rule(database), uuid4()
    for place, (rule_id, event, of) in enumerate(
        [(gone, "firing", alert), (gone, "resolved", alert), (there, "pending", None), (there, "firing", None)]
    ):
        insert(
            database,
            "history",
            at=NOW - 50 * HOUR + place * DAY,
            rule_id=rule_id,
            rule_name="n",
            event=event,
            instance_id=of,
        )
    assert happened(api) == ["firing", "pending"]
    assert happened(api, hours=72) == ["firing", "pending", "resolved", "firing"]
    assert happened(api, hours=72, rule_id=gone) == happened(api, hours=72, instance_id=alert) == ["resolved", "firing"]
    assert happened(api, hours=72, event="pending") == ["pending"]
    assert happened(api, **{"from": (NOW - 51 * HOUR).isoformat(), "to": (NOW - 49 * HOUR).isoformat()}) == ["firing"]


@pytest.mark.parametrize("name", ["history", "audit"])
def test_pages_of_the_story_follow_each_other(api: httpx.Client, database: str, name: str) -> None:
    for place in range(5):
        at = NOW - place // 2 * MINUTE
        if name == "history":
            insert(database, name, at=at, rule_id=uuid4(), rule_name="n", event="firing")
        else:
            insert(database, name, at=at, action="created", object_type="rule", object_id="1")
    pages: list[dict[str, Any]] = []
    while not pages or pages[-1]["next_cursor"]:
        cursor = pages[-1]["next_cursor"] if pages else ""
        pages.append(api.get(f"{ALERTS}/{name}", params={"limit": 2, "cursor": cursor}).json())
    ids = [item["id"] for page in pages for item in page[name]]
    assert [len(page[name]) for page in pages] == [2, 2, 1]
    assert len(set(ids)) == 5
    assert api.get(f"{ALERTS}/{name}", params={"cursor": "x"}).status_code == 422


def test_the_audit_is_narrowed_down(api: httpx.Client, database: str) -> None:
    for at, actor, action, kind, key in (
        (NOW, "ann", "created", "rule", "1"),
        (NOW - MINUTE, "ann", "deleted", "channel", "pager"),
        (NOW - 2 * MINUTE, "bob", "changed", "rule", "1"),
        (NOW - 30 * HOUR, None, "created", "rule", "2"),
    ):
        insert(database, "audit", at=at, actor=actor, action=action, object_type=kind, object_id=key)

    def found(**parameters: object) -> list[str]:
        answer = api.get(f"{ALERTS}/audit", params={name: str(value) for name, value in parameters.items()})
        assert answer.status_code == 200, answer.text
        Audit.model_validate_json(answer.text)
        return [entry["action"] for entry in answer.json()["audit"]]

    assert found() == ["created", "deleted", "changed"]
    assert found(hours=48, object_type="rule") == ["created", "changed", "created"]
    assert found(object_id="pager") == ["deleted"]
    assert found(actor="ann", action="created") == ["created"]
    assert found(actor="eve") == []


def test_counts_tell_what_is_open_and_how_rules_are(api: httpx.Client, database: str) -> None:
    empty = api.get(f"{ALERTS}/counts").json()
    assert empty == {
        "firing": 0,
        "acknowledged": 0,
        "by_severity": {},
        "pending": 0,
        "rules": {"total": 0, "enabled": 0, "disabled": 0, "failing": 0},
    }
    critical, warning = rule(database, severity="critical"), rule(database, failing_since=NOW)
    rule(database, enabled=False, failing_since=NOW)
    instance(database, critical, 300 * DAY)
    instance(database, critical)
    instance(database, critical, status="acknowledged")
    instance(database, warning)
    instance(database, warning, status="resolved")
    insert(database, "states", rule_id=warning, fingerprint="x", phase="pending", since=NOW, evaluated_at=NOW)
    answer = api.get(f"{ALERTS}/counts")
    Counts.model_validate_json(answer.text)
    assert answer.json() == {
        "firing": 3,
        "acknowledged": 1,
        "by_severity": {
            "critical": {"firing": 2, "acknowledged": 1},
            "warning": {"firing": 1, "acknowledged": 0},
        },
        "pending": 1,
        "rules": {"total": 3, "enabled": 2, "disabled": 1, "failing": 1},
    }
