"""/alerts/rules: the contract's answers, every field, mistakes, versions, and what is written down of a change."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from alerting.api.rule_models import NewRule, Rule, RuleAdded, RuleChange, RuleList
from alerting.keeping.definitions import Definition
from alerting.policy.remembering import Remembered, Sent
from tests.conftest import copied
from tests.served_api import served_api, sql

ALERTS = "/api/observability/alerts"
RULES = f"{ALERTS}/rules"
NO_EMAIL = "the channel email is not configured: ALERT_EMAIL_TO is not set"
NO_SLACK = "the channel slack is not configured: SLACK_WEBHOOK_URL is not set"
FEWEST: dict[str, Any] = {"name": "Errors", "metric_type": "error_count", "condition": "gt", "threshold": 10}
EVERY: dict[str, Any] = {
    "name": "Failed checkouts",
    "description": "A tenth of the checkouts fail",
    "metric_type": "logs",
    "condition": "gte",
    "threshold": 0.1,
    "window_minutes": 30,
    "evaluation_interval_seconds": 15,
    "custom_sql": "SELECT 1",
    "severity": "critical",
    "notification_channels": ["email", "slack"],
    "cooldown_minutes": 0,
    "enabled": False,
    "query": "service:checkout level:error",
    "of_query": "service:checkout",
    "metric_name": "m",
    "aggregation": "ratio",
    "group_by": ["service", "http.route"],
    "for_seconds": 60,
    "keep_firing_for_seconds": 120,
    "windows_needed": 2,
    "windows_seen": 3,
    "on_no_data": "ok",
    "on_error": "alert",
    "failures_before_notice": 0,
    "reminder_minutes": 45,
    "labels": {"team": "shop"},
    "annotations": {"runbook_url": "https://wiki.example/checkout"},
}


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """Without the default rules."""
    for dsn in copied(postgres_dsn, template_database):
        sql(dsn, "DELETE FROM enterprise.alert_rules")
        yield dsn


def add(api: httpx.Client, **given: Any) -> str:
    """A rule that is off unless `given` says otherwise, so that no evaluation meddles."""
    answer = api.post(RULES, json=FEWEST | {"enabled": False} | given)
    assert answer.status_code == 200, answer.text
    return str(RuleAdded.model_validate_json(answer.text).id)


def read(api: httpx.Client, rule_id: str) -> dict[str, Any]:
    answer = api.get(f"{RULES}/{rule_id}")
    assert answer.status_code == 200, answer.text
    Rule.model_validate_json(answer.text)
    rule: dict[str, Any] = answer.json()
    assert answer.headers["etag"] == f'"{rule["version"]}"'
    return rule


def listed(api: httpx.Client, **parameters: str) -> list[dict[str, Any]]:
    answer = api.get(RULES, params=parameters)
    assert answer.status_code == 200, answer.text
    RuleList.model_validate_json(answer.text)
    rules: list[dict[str, Any]] = answer.json()["rules"]
    assert answer.json()["total"] == len(rules)
    return rules


def audited(api: httpx.Client, rule_id: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = api.get(f"{ALERTS}/audit", params={"object_id": rule_id}).json()["audit"]
    return entries


def wrong(answer: httpx.Response) -> set[str]:
    """The fields that a 422 names."""
    assert answer.status_code == 422, answer.text
    return {mistake["loc"][1] for mistake in answer.json()["detail"]}


def add_raised(dsn: str, name: str = "Errors") -> tuple[str, str]:
    """A rule and its open alert, which slack was told of; the engine leaves both alone: its turn is tomorrow."""
    (rule,) = sql(
        dsn,
        "INSERT INTO enterprise.alert_rules (name, metric_type, condition, threshold, last_evaluated_at, "
        "evaluation_interval_seconds) VALUES ($1, 'elsewhere', 'gt', 10, now(), 86400) RETURNING id",
        name,
    )
    (instance,) = sql(
        dsn,
        "INSERT INTO enterprise.alert_instances (rule_id, metric_value, threshold_value) VALUES ($1, 11, 10) "
        "RETURNING id",
        rule["id"],
    )
    now = datetime.now(UTC)
    told = Remembered(last=now, instance=str(instance["id"]), since=now, to={"slack": Sent("group", now)})
    sql(
        dsn,
        "INSERT INTO enterprise.alert_states (rule_id, fingerprint, phase, since, evaluated_at, instance_id, memory, "
        """told) VALUES ($1, '', 'firing', now(), now(), $2, '{"met": [1]}', $3)""",
        rule["id"],
        instance["id"],
        json.dumps(told.as_json()),
    )
    return str(rule["id"]), str(instance["id"])


def test_the_default_rules_are_there(postgres_dsn: str, template_database: str) -> None:
    for dsn in copied(postgres_dsn, template_database):
        with served_api(dsn) as api:
            rules = listed(api)
    told = {rule["name"]: (rule["metric_type"], rule["condition"], rule["threshold"]) for rule in rules}
    assert told == {
        "High Error Rate": ("error_count", "gt", 10),
        "Slow RAG Queries": ("rag_latency_p95", "gt", 3000),
        "LLM Cost Spike": ("llm_cost_hourly", "gt", 10),
        "Low Cache Hit Rate": ("cache_hit_rate", "lt", 20),
        "High Memory Usage": ("memory_percent", "gt", 85),
    }
    assert rules[0]["notification_channels"] == ["slack"]


def test_a_rule_needs_four_fields_and_has_the_contracts_defaults(api: httpx.Client) -> None:
    answer = api.post(RULES, json=FEWEST)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    added = answer.json()
    assert added == {"id": added["id"], "message": "Rule created", "version": 1, "warnings": [NO_SLACK]}
    rule = read(api, added["id"])
    assert {name: rule[name] for name in Definition.model_fields} == Definition(**FEWEST).model_dump()
    assert rule["window_minutes"] == 5
    assert rule["notification_channels"] == ["slack"]
    assert (rule["created_by"], rule["last_evaluated_at"], rule["last_triggered_at"]) == (None, None, None)
    assert datetime.fromisoformat(rule["created_at"]).utcoffset() is not None


def test_every_field_is_kept_as_given(api: httpx.Client) -> None:
    rule = read(api, add(api, **EVERY, created_by="ann@example.com"))
    assert EVERY.keys() == Definition.model_fields.keys()
    assert {name: rule[name] for name in EVERY} == EVERY
    assert rule["created_by"] == "ann@example.com"


def test_a_change_takes_every_field(api: httpx.Client) -> None:
    rule_id = add(api)
    assert RuleChange.model_fields.keys() - {"clear", "version"} == EVERY.keys()
    answer = api.put(f"{RULES}/{rule_id}", json=EVERY)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"'), answer.text
    assert answer.json() == {"message": "Rule updated", "version": 2, "warnings": [NO_EMAIL, NO_SLACK]}
    changed = read(api, rule_id)
    assert {name: changed[name] for name in EVERY} == EVERY


def test_the_database_has_the_models_defaults(api: httpx.Client, database: str) -> None:
    (row,) = sql(
        database,
        "INSERT INTO enterprise.alert_rules (name, metric_type, condition, threshold) "
        "VALUES ('Errors', 'error_count', 'gt', 10) RETURNING id",
    )
    by_sql, by_api = read(api, str(row["id"])), read(api, add(api, enabled=True))
    assert {name: by_sql[name] for name in EVERY} == {name: by_api[name] for name in EVERY}


@pytest.mark.parametrize("body", [{}, {"threshold": None, "enabled": None}])
def test_null_is_not_given(api: httpx.Client, body: dict[str, Any]) -> None:
    rule_id = add(api, description="d")
    before = read(api, rule_id)
    answer = api.put(f"{RULES}/{rule_id}", json=body)
    assert answer.json() == {"message": "No updates provided", "version": 1, "warnings": []}
    changed = api.put(f"{RULES}/{rule_id}", json=body | {"threshold": 11, "description": None})
    assert changed.json()["message"] == "Rule updated"
    after = read(api, rule_id)
    assert after | {"updated_at": None} == before | {"threshold": 11, "version": 2, "updated_at": None}
    assert after["updated_at"] > before["updated_at"]


def test_null_is_not_given_to_a_new_rule_either(api: httpx.Client) -> None:
    rule = read(api, add(api, window_minutes=None, severity=None, description=None, enabled=None))
    assert (rule["window_minutes"], rule["severity"], rule["description"], rule["enabled"]) == (
        5,
        "warning",
        None,
        True,
    )


def test_reminders_can_be_switched_off(api: httpx.Client) -> None:
    rule_id = add(api, reminder_minutes=0)
    assert read(api, rule_id)["reminder_minutes"] == 0


def test_what_is_optional_can_be_cleared(api: httpx.Client) -> None:
    rule_id = add(api, description="d", reminder_minutes=5, query="level:error")
    api.put(f"{RULES}/{rule_id}", json={"clear": ["description", "reminder_minutes"]})
    rule = read(api, rule_id)
    assert (rule["description"], rule["reminder_minutes"], rule["query"]) == (None, None, "level:error")
    assert wrong(api.put(f"{RULES}/{rule_id}", json={"clear": ["name"]})) == {"clear"}


def test_what_was_read_can_be_sent_back(api: httpx.Client) -> None:
    rule_id = add(api, **EVERY)
    rule = read(api, rule_id)
    answer = api.put(f"{RULES}/{rule_id}", json=rule | {"threshold": 7, "id": str(uuid4()), "created_by": "eve"})
    assert answer.status_code == 200, answer.text
    assert read(api, rule_id) | {"updated_at": 0} == rule | {"threshold": 7, "version": 2, "updated_at": 0}


def test_a_deleted_rule_is_gone(api: httpx.Client) -> None:
    path = f"{RULES}/{add(api)}"
    assert api.delete(path).json() == {"message": "Rule deleted"}
    for answer in (api.delete(path), api.get(path), api.put(path, json={"threshold": 1}), api.put(path, json={})):
        assert (answer.status_code, answer.json()) == (404, {"detail": "Rule not found"})
    assert api.get(f"{RULES}/no-id").status_code == 422


def test_rules_are_listed_newest_first_and_narrowed_down(api: httpx.Client) -> None:
    add(api, name="first", severity="info", enabled=True)
    add(api, name="second")
    add(api, name="third", metric_type="error_rate", enabled=True)
    assert [rule["name"] for rule in listed(api)] == ["third", "second", "first"]
    assert [rule["name"] for rule in listed(api, enabled="false")] == ["second"]
    assert [rule["name"] for rule in listed(api, enabled="true", severity="info")] == ["first"]
    assert [rule["name"] for rule in listed(api, metric_type="error_rate", severity="")] == ["third"]
    assert listed(api, severity="fatal") == []
    cut = api.get(RULES, params={"limit": 1}).json()
    assert ([rule["name"] for rule in cut["rules"]], cut["total"]) == (["third"], 3)


def test_a_rule_by_plain_sql_is_listed_whatever_is_null(api: httpx.Client, database: str) -> None:
    (row,) = sql(
        database,
        "INSERT INTO enterprise.alert_rules (name, description, metric_type, condition, threshold, window_minutes, "
        "evaluation_interval_seconds, severity, notification_channels, cooldown_minutes, enabled, created_at, "
        "updated_at) VALUES ('bare', NULL, 'anything', 'neq', 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) "
        "RETURNING id",
    )
    (rule,) = listed(api)
    assert rule == read(api, str(row["id"]))
    assert (rule["window_minutes"], rule["notification_channels"], rule["enabled"]) == (None, None, None)
    changed = api.put(f"{RULES}/{row['id']}", json={"enabled": False, "threshold": 2})
    assert changed.json()["message"] == "Rule updated", "what is wrong with it already hinders no other change"


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"metric_type": "nothing"}, {"metric_type"}),
        ({"metric_type": "alertmanager"}, {"metric_type"}),
        ({"condition": "above"}, {"condition"}),
        ({"threshold": "much"}, {"threshold"}),
        ({"severity": "fatal"}, {"severity"}),
        ({"name": "  "}, {"name"}),
        ({"name": "n" * 256}, {"name"}),
        ({"name": "n\0"}, {"name"}),
        ({"evaluation_interval_seconds": 0}, {"evaluation_interval_seconds"}),
        ({"evaluation_interval_seconds": 86_401}, {"evaluation_interval_seconds"}),
        ({"window_minutes": 0}, {"window_minutes"}),
        ({"window_minutes": 43_201}, {"window_minutes"}),
        ({"windows_needed": 3, "windows_seen": 2}, {"windows_needed"}),
        ({"windows_seen": 21}, {"windows_seen"}),
        ({"cooldown_minutes": -1}, {"cooldown_minutes"}),
        ({"on_no_data": "panic"}, {"on_no_data"}),
        ({"notification_channels": ["slack", "slack"]}, {"notification_channels"}),
        ({"notification_channels": "slack"}, {"notification_channels"}),
        ({"labels": {"team": 1}}, {"labels"}),
        ({"labels": {"severity": "none"}}, {"labels"}),
        ({"labels": {f"l{i}": "" for i in range(51)}}, {"labels"}),
        ({"annotations": {"a": "\0"}}, {"annotations"}),
        ({"group_by": ["service", "service"]}, {"group_by"}),
        ({"group_by": [f"field{i}" for i in range(9)]}, {"group_by"}),
        ({"reminder_minutes": -1}, {"reminder_minutes"}),
        ({"metric_type": "custom_sql"}, {"custom_sql"}),
        ({"metric_type": "metric"}, {"metric_name"}),
        ({"metric_type": "logs", "aggregation": "p95"}, {"aggregation"}),
        ({"metric_type": "traces", "aggregation": "ratio"}, {"of_query"}),
        ({"metric_type": "logs", "query": "level:"}, {"query"}),
        ({"metric_type": "traces", "aggregation": "ratio", "of_query": "(a"}, {"of_query"}),
        ({"metric_type": "nothing", "windows_needed": 2}, {"metric_type", "windows_needed"}),
        ({"treshold": 1}, {"treshold"}),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)
def test_mistakes_are_told_by_their_field(api: httpx.Client, given: dict[str, Any], fields: set[str]) -> None:
    assert wrong(api.post(RULES, json=FEWEST | given)) == fields
    assert listed(api) == []
    rule_id = add(api)
    assert wrong(api.put(f"{RULES}/{rule_id}", json=given)) == fields
    assert read(api, rule_id)["version"] == 1


@pytest.mark.parametrize(
    ("field", "literal"),
    [
        ("threshold", "NaN"),
        ("threshold", "-Infinity"),
        ("threshold", "1e400"),
        ("labels", "[NaN]"),
        ("name", '"\\ud800"'),
    ],
)
def test_what_json_can_say_and_nobody_can_store_is_422(api: httpx.Client, field: str, literal: str) -> None:
    body = json.dumps(FEWEST | {field: "HERE"}).replace('"HERE"', literal)
    answer = api.post(RULES, content=body, headers={"content-type": "application/json"})
    assert wrong(answer) == {field}


def test_a_mistake_in_a_search_says_where(api: httpx.Client) -> None:
    answer = api.post(RULES, json=FEWEST | {"metric_type": "logs", "query": "level:error AND"})
    (mistake,) = answer.json()["detail"]
    assert (mistake["loc"], mistake["input"]) == (["body", "query"], "level:error AND")
    assert mistake["ctx"]["position"] == 15
    assert mistake["ctx"]["expected"]


def test_missing_fields_are_each_named(api: httpx.Client) -> None:
    assert wrong(api.post(RULES, json={})) == {"name", "metric_type", "condition", "threshold"}
    assert wrong(api.post(RULES, json=dict.fromkeys(FEWEST))) == FEWEST.keys()


def test_what_is_allowed_but_odd_is_warned_of(api: httpx.Client, database: str) -> None:
    add(api)
    sql(database, "INSERT INTO enterprise.alert_channels (name, kind) VALUES ('pager', 'pagerduty')")
    answer = api.post(RULES, json=FEWEST | {"notification_channels": ["pager", "phone", "slack"]})
    assert answer.json()["warnings"] == ["there is no channel phone", NO_SLACK, "another rule has this name"]
    silent = api.put(f"{RULES}/{answer.json()['id']}", json={"notification_channels": [], "name": "Silent"})
    assert silent.json()["warnings"] == ["it tells no channel, unless a route does"]


def test_a_stale_version_changes_nothing(api: httpx.Client) -> None:
    rule_id = add(api)
    path = f"{RULES}/{rule_id}"
    assert api.put(path, json={"threshold": 11, "version": 1}).status_code == 200
    assert api.put(path, json={"threshold": 12}, headers={"if-match": '"2"'}).status_code == 200
    stale = (
        api.put(path, json={"threshold": 99, "version": 1}),
        api.put(path, json={"threshold": 99}, headers={"if-match": '"1"'}),
        api.put(path, json={}, headers={"if-match": '"1"'}),
        api.delete(path, headers={"if-match": '"1"'}),
    )
    for answer in stale:
        assert answer.status_code == 412
        assert answer.json()["detail"].startswith("You changed version 1 of this rule, but it has version 3 now")
    assert api.put(path, json={"threshold": 99}, headers={"if-match": "nonsense"}).status_code == 422
    assert (read(api, rule_id)["threshold"], read(api, rule_id)["version"]) == (12, 3)
    assert api.put(path, json={"threshold": 13}, headers={"if-match": 'W/"3"'}).status_code == 200
    assert api.delete(path, headers={"if-match": "*"}).status_code == 200


def test_what_changes_nothing_has_the_same_version_and_no_audit(api: httpx.Client) -> None:
    rule_id = add(api)
    before = read(api, rule_id)
    assert api.put(f"{RULES}/{rule_id}", json={"threshold": 10}).json()["message"] == "Rule updated"
    after = read(api, rule_id)
    assert after | {"updated_at": 0} == before | {"updated_at": 0}
    assert after["updated_at"] > before["updated_at"]
    assert len(audited(api, rule_id)) == 1


def test_of_those_who_change_the_same_version_at_once_one_succeeds(api: httpx.Client) -> None:
    rule_id = add(api)
    start, answers = threading.Barrier(8), []

    def change(threshold: int) -> None:
        start.wait()
        answers.append(api.put(f"{RULES}/{rule_id}", json={"threshold": threshold, "version": 1}).status_code)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] + [412] * 7
    assert read(api, rule_id)["version"] == 2
    assert len(audited(api, rule_id)) == 2


def test_plain_sql_raises_the_version_too_and_the_engine_does_not(api: httpx.Client, database: str) -> None:
    rule_id = add(api)
    sql(database, "UPDATE enterprise.alert_rules SET threshold = 11 WHERE id = $1", UUID(rule_id))
    assert read(api, rule_id)["version"] == 2
    sql(
        database,
        "UPDATE enterprise.alert_rules SET last_evaluated_at = now(), failures = 1 WHERE id = $1",
        UUID(rule_id),
    )
    assert read(api, rule_id)["version"] == 2
    assert api.put(f"{RULES}/{rule_id}", json={"threshold": 12, "version": 1}).status_code == 412


def test_a_rule_that_is_kept_in_a_file_is_changed_there(api: httpx.Client, database: str) -> None:
    rule_id = add(api)
    sql(database, "UPDATE enterprise.alert_rules SET provisioned_from = 'alerts.yaml' WHERE id = $1", UUID(rule_id))
    before = read(api, rule_id)
    path = f"{RULES}/{rule_id}"
    for answer in (api.put(path, json={"enabled": False}), api.delete(path)):
        assert (answer.status_code, answer.json()) == (
            409,
            {"detail": "This rule is kept in the file alerts.yaml: change it there"},
        )
    assert read(api, rule_id) == before
    assert len(audited(api, rule_id)) == 1


def test_every_change_is_in_the_audit_with_before_and_after(api: httpx.Client) -> None:
    rule_id = api.post(RULES, params={"user_email": "ann@example.com"}, json=FEWEST).json()["id"]
    assert read(api, rule_id)["created_by"] == "ann@example.com"
    api.put(f"{RULES}/{rule_id}", params={"user_email": "bob@example.com"}, json={"threshold": 20})
    api.put(f"{RULES}/{rule_id}", json={"threshold": "much"})
    api.delete(f"{RULES}/{rule_id}")
    deleted, updated, created = audited(api, rule_id)
    assert [(entry["action"], entry["actor"]) for entry in (created, updated, deleted)] == [
        ("create", "ann@example.com"),
        ("update", "bob@example.com"),
        ("delete", None),
    ]
    assert (created["before"], deleted["after"]) == (None, None)
    assert (updated["before"], deleted["before"]) == (created["after"], updated["after"])
    assert updated["after"] | {"updated_at": 0} == updated["before"] | {"threshold": 20, "version": 2, "updated_at": 0}
    assert {entry["object_name"] for entry in (created, updated, deleted)} == {"Errors"}


def test_a_rule_that_is_switched_off_has_no_open_alert(api: httpx.Client, database: str) -> None:
    (rule_id, instance_id), (_, kept) = add_raised(database), add_raised(database, "other")
    answer = api.put(f"{RULES}/{rule_id}", params={"user_email": "ann@example.com"}, json={"enabled": False})
    assert answer.status_code == 200, answer.text
    closed = api.get(f"{ALERTS}/instances/{instance_id}").json()
    assert (closed["instance"]["status"], closed["instance"]["resolved_because"]) == ("resolved", "disabled")
    assert closed["instance"]["resolved_by"] == "ann@example.com"
    assert closed["instance"]["resolved_at"] is not None
    told, ended = closed["history"]
    assert (ended["event"], ended["actor"], ended["detail"]) == ("resolved", "ann@example.com", {"reason": "disabled"})
    assert (told["event"], told["detail"]) == ("told", {"of": "resolved", "channels": ["slack"]})
    (state,) = sql(database, "SELECT * FROM enterprise.alert_states WHERE rule_id = $1", UUID(rule_id))
    assert (state["phase"], state["instance_id"], state["memory"]) == ("inactive", None, "{}")
    assert api.get(f"{ALERTS}/instances/{kept}").json()["instance"]["status"] == "firing"
    assert api.put(f"{RULES}/{rule_id}", json={"enabled": True}).status_code == 200
    again = api.get(f"{ALERTS}/instances/{instance_id}").json()
    assert (again["instance"], again["history"]) == (closed["instance"], closed["history"])


def test_a_deleted_rules_story_can_still_be_read(api: httpx.Client, database: str) -> None:
    rule_id, instance_id = add_raised(database)
    assert api.delete(f"{RULES}/{rule_id}").status_code == 200
    assert api.get(f"{ALERTS}/instances/{instance_id}").status_code == 404
    _, ended = api.get(f"{ALERTS}/history", params={"rule_id": rule_id}).json()["history"]
    assert (ended["event"], ended["rule_name"], ended["instance_id"]) == ("resolved", "Errors", instance_id)
    assert ended["detail"] == {"reason": "deleted"}


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_who_was_told_of_an_alert_is_told_that_its_rule_ended_it(api: httpx.Client, database: str, how: str) -> None:
    rule_id, instance_id = add_raised(database)
    path = f"{RULES}/{rule_id}"
    assert (api.delete(path) if how == "deleted" else api.put(path, json={"enabled": False})).status_code == 200
    (notice,) = sql(database, "SELECT channel, items FROM enterprise.alert_notices")
    (item,) = json.loads(notice["items"])
    assert (notice["channel"], item["told"], item["instance_id"]) == ("slack", "resolved", instance_id)


def test_a_rule_that_nobody_can_read_can_still_be_switched_off_and_deleted(api: httpx.Client, database: str) -> None:
    for ending in (lambda path: api.put(path, json={"enabled": False}), api.delete):
        rule_id, _ = add_raised(database)
        sql(
            database,
            "UPDATE enterprise.alert_rules SET on_no_data = 'panic', labels = '[1]', "
            "notification_channels = '\"slack\"' WHERE id = $1",
            UUID(rule_id),
        )
        answer = ending(f"{RULES}/{rule_id}")
        assert answer.status_code == 200, answer.text
    assert sql(database, "SELECT FROM enterprise.alert_instances WHERE status <> 'resolved'") == []


def test_new_rules_are_described_with_what_they_take(api: httpx.Client) -> None:
    schemas = api.get("/api/openapi.json").json()["components"]["schemas"]
    assert schemas["NewRule"]["required"] == ["name", "metric_type", "condition", "threshold"]
    assert schemas["NewRule"]["properties"].keys() == NewRule.model_fields.keys()
    assert schemas["NewRule"]["properties"]["evaluation_interval_seconds"]["maximum"] == 86_400
