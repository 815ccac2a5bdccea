"""A file of alerts: what it says is so, and is changed there alone."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from alerting.keeping import changing
from alerting.keeping.changing import By
from alerting.keeping.channels import Channel
from alerting.keeping.definitions import Definition
from alerting.keeping.routing import Inhibition, NoticeRoute
from alerting.keeping.rules import add_rule
from alerting.keeping.silences import Silence
from alerting.links import Links
from alerting.provisioning.applying import Outcome, apply
from alerting.provisioning.exporting import export
from alerting.provisioning.reading import BadFile, read_file
from alerting.provisioning.releasing import release
from alerting.provisioning.secrets import reference_of
from database.pool import connect
from server.settings import Settings
from tests.alert_policies import audited
from tests.conftest import copied, run
from tests.otelgres_process import plain_environment
from tests.served_api import served_api, sql, wipe

ALERTS = "/api/observability/alerts"
FILE = """\
channels:
  team:
    kind: slack
    secrets: {webhook_url: env:TEAM_HOOK}
routes:
  - name: critical
    matchers: [{name: severity, value: critical}]
    channels: [team]
  - name: rest
inhibitions:
  down:
    source_matchers: [{name: alertname, value: Down}]
    target_matchers: [{name: host, op: =~, value: .+}]
silences:
  - matchers: [{name: service, value: shop}]
    starts_at: 2026-11-23T22:00:00Z
    ends_at: 2036-11-24T02:00:00Z
    created_by: ann
    reason: The database moves
rules:
  - name: Errors
    metric_type: error_count
    condition: gt
    threshold: 10
    notification_channels: [team]
"""
EMPTY = {"added": 0, "changed": 0, "removed": 0, "unchanged": 0}


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        sql(dsn, "DELETE FROM enterprise.alert_rules")
        yield dsn


@pytest.fixture
def empty(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TEAM_HOOK", "https://hooks.slack.example/hunter2")
    wipe(database)
    return database


@pytest.fixture
async def connection(empty: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(empty)
    yield connection
    await connection.close()


@pytest.fixture
def applied(connection: asyncpg.Connection, tmp_path: Path) -> Callable[..., Any]:
    async def apply_text(text: str, name: str = "alerts.yaml") -> Outcome:
        path = tmp_path / name
        path.write_text(dedent(text))
        now = datetime.now(UTC)
        return await apply(connection, read_file(path, now), now, Links())

    return apply_text


def names(dsn: str) -> list[str]:
    return [row["name"] for row in sql(dsn, "SELECT name FROM enterprise.alert_rules ORDER BY name")]


async def test_what_a_file_says_is_added_once(applied: Callable[..., Any], empty: str) -> None:
    first = await applied(FILE)
    assert first.done["added"] == [
        "channel team",
        "route critical",
        "route rest",
        "inhibition down",
        *(name for name in first.done["added"] if name.startswith("silence ")),
        "rule Errors",
    ]
    assert first.counts == EMPTY | {"added": 6}
    assert (await applied(FILE)).counts == EMPTY | {"unchanged": 6}
    (secrets,) = sql(empty, "SELECT secrets FROM enterprise.alert_channel_secrets")
    assert json.loads(secrets["secrets"]) == {"webhook_url": "https://hooks.slack.example/hunter2"}
    trail = audited(empty)
    assert {row["actor"] for row in trail} == {"alerts.yaml"}
    assert len(trail) == 6
    assert "hunter2" not in json.dumps(trail, default=str)
    places = sql(empty, "SELECT name, place FROM enterprise.alert_routes ORDER BY place")
    assert [(row["name"], row["place"]) for row in places] == [("critical", 1), ("rest", 2)]


async def test_what_is_changed_is_changed_and_what_is_gone_is_removed(applied: Callable[..., Any], empty: str) -> None:
    await applied(FILE)
    (before,) = sql(empty, "SELECT id FROM enterprise.alert_rules")
    changed = await applied(FILE.replace("threshold: 10", "threshold: 20").replace("reason: The", "reason: A"))
    assert changed.counts == EMPTY | {"added": 1, "changed": 1, "removed": 1, "unchanged": 4}
    (after,) = sql(empty, "SELECT id, threshold FROM enterprise.alert_rules")
    assert (after["id"], after["threshold"]) == (before["id"], 20)
    assert (await applied("rules: []")).counts == EMPTY | {"removed": 6}
    for table in ("rules", "channels", "routes", "inhibitions", "silences"):
        assert sql(empty, f"SELECT FROM enterprise.alert_{table}") == []


async def test_a_rule_of_the_name_that_no_file_has_is_taken_for_the_files(
    applied: Callable[..., Any], empty: str
) -> None:
    await applied(FILE.replace("name: Errors", "name: Mine"), "other.yaml")
    sql(empty, "UPDATE enterprise.alert_rules SET provisioned_from = NULL, threshold = 5, name = 'Errors'")
    (before,) = sql(empty, "SELECT id FROM enterprise.alert_rules")
    rules = FILE[FILE.index("rules:") :]
    assert (await applied(rules)).counts == EMPTY | {"changed": 1}
    (after,) = sql(empty, "SELECT id, threshold, provisioned_from FROM enterprise.alert_rules")
    assert tuple(after.values()) == (before["id"], 10, "alerts.yaml")


async def test_rules_of_one_name_are_told_apart_by_their_ids(applied: Callable[..., Any], empty: str) -> None:
    rules = FILE[FILE.index("rules:") :]
    await applied(rules)
    sql(empty, "UPDATE enterprise.alert_rules SET provisioned_from = NULL")
    (first,) = sql(empty, "SELECT id FROM enterprise.alert_rules")
    both = rules.replace("- name", f"- id: {first['id']}\n    name") + rules.removeprefix("rules:\n")
    assert (await applied(both)).counts == EMPTY | {"added": 1, "changed": 1}
    assert (await applied(both)).counts == EMPTY | {"unchanged": 2}
    assert names(empty) == ["Errors", "Errors"]


async def test_of_a_file_that_cannot_be_applied_nothing_is(applied: Callable[..., Any], empty: str) -> None:
    await applied("routes: [{name: rest}]", "other.yaml")
    with pytest.raises(BadFile) as refusal:
        await applied(FILE)
    assert refusal.value.mistakes == (
        "alerts.yaml:9: routes[1]: This route is kept in the file other.yaml: change it there",
    )
    assert names(empty) == []
    assert [row["object_name"] for row in audited(empty)] == ["rest"]


async def test_what_is_released_is_everybodys_and_may_be_taken_by_another_file(
    applied: Callable[..., Any], connection: asyncpg.Connection, empty: str
) -> None:
    await applied(FILE)
    released = await release(connection, "alerts.yaml")
    assert [name.split()[0] for name in released] == ["channel", "route", "route", "inhibition", "silence", "rule"]
    kept = "SELECT FROM enterprise.alert_{} WHERE provisioned_from IS NOT NULL"
    for table in ("rules", "channels", "routes", "inhibitions", "silences"):
        assert sql(empty, kept.format(table)) == []
    assert (await applied(FILE, "new.yaml")).counts == EMPTY | {"changed": 6}


async def test_a_secret_that_the_file_does_not_tell_is_none(applied: Callable[..., Any], empty: str) -> None:
    hook = "channels: {hook: {kind: webhook, settings: {url: https://x.example}, secrets: {secret: env:TEAM_HOOK}}}"
    await applied(hook)
    assert (await applied(hook.replace(", secrets: {secret: env:TEAM_HOOK}", ""))).counts["changed"] == 1
    (secrets,) = sql(empty, "SELECT secrets FROM enterprise.alert_channel_secrets")
    assert json.loads(secrets["secrets"]) == {}


CHANNELS: TypeAdapter[Channel] = TypeAdapter(Channel)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=12)
FULL = TEXT.filter(str.strip)
NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 _.@+-]{0,10}", fullmatch=True)
MATCHER = st.one_of(
    st.fixed_dictionaries({"name": FULL, "op": st.sampled_from(("=", "!=")), "value": TEXT}),
    st.fixed_dictionaries({"name": FULL, "op": st.sampled_from(("=~", "!~")), "value": st.sampled_from(("a|b", ".+"))}),
)
NARROW = st.builds(
    lambda first, rest: [first, *rest],
    st.fixed_dictionaries({"name": FULL, "value": FULL}).map(lambda matcher: matcher | {"op": "="}),
    st.lists(MATCHER, max_size=2),
)
CHANNEL = st.one_of(
    st.builds(lambda hook: {"kind": "slack", "secrets": {"webhook_url": f"https://x/{hook}"}}, st.integers(0, 9)),
    st.just({"kind": "email", "settings": {"to": ["a@b"], "from": "c@d", "tls": "none"}}),
    st.builds(
        lambda key: {"kind": "webhook", "settings": {"url": "https://x"}, "secrets": {"secret": key}},
        FULL.filter(lambda text: text != "set"),
    ),
)
ROUTE = st.fixed_dictionaries(
    {},
    optional={
        "place": st.integers(0, 9),
        "matchers": st.lists(MATCHER, max_size=2),
        "channels": st.none() | st.lists(FULL, max_size=2, unique=True),
        "group_by": st.none() | st.lists(FULL, max_size=2, unique=True),
        "group_wait_seconds": st.integers(0, 99),
        "reminder_minutes": st.none() | st.integers(1, 99),
        "goes_on": st.booleans(),
    },
)
INHIBITION = st.fixed_dictionaries(
    {"source_matchers": NARROW, "target_matchers": NARROW, "equal_labels": st.lists(FULL, max_size=2, unique=True)}
)
SILENCE = st.fixed_dictionaries({"matchers": NARROW, "created_by": FULL, "reason": FULL})
RULE = st.fixed_dictionaries(
    {
        "name": FULL,
        "metric_type": st.sampled_from(("error_count", "latency_p95", "llm_cost")),
        "condition": st.sampled_from(("gt", "lte", "neq")),
        "threshold": st.floats(allow_nan=False, allow_infinity=False),
    },
    optional={
        "description": st.none() | TEXT,
        "severity": st.sampled_from(("info", "critical")),
        "notification_channels": st.lists(FULL, max_size=2, unique=True),
        "group_by": st.lists(st.sampled_from(("service", "user_email")), max_size=2, unique=True),
        "enabled": st.booleans(),
        "labels": st.dictionaries(FULL.filter(lambda name: name not in ("alertname", "severity")), TEXT, max_size=2),
        "annotations": st.dictionaries(FULL, TEXT, max_size=2),
        "for_seconds": st.integers(0, 9),
        "reminder_minutes": st.none() | st.integers(1, 9),
    },
)


@given(
    channels=st.dictionaries(NAME, CHANNEL, max_size=3),
    routes=st.dictionaries(NAME, ROUTE, max_size=3),
    inhibitions=st.dictionaries(NAME, INHIBITION, max_size=2),
    silences=st.lists(SILENCE, max_size=2),
    rules=st.lists(RULE, max_size=3),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_exported_and_applied_changes_nothing(
    database: str, tmp_path_factory: pytest.TempPathFactory, **kept: Any
) -> None:
    wipe(database)
    path = tmp_path_factory.mktemp("exported") / "alerts.yaml"
    run(round_trip(database, path, **kept))


async def round_trip(
    dsn: str,
    path: Path,
    channels: dict[str, Any],
    routes: dict[str, Any],
    inhibitions: dict[str, Any],
    silences: list[Any],
    rules: list[Any],
) -> None:
    now = datetime.now(UTC)
    connection = await connect(dsn)
    environment: dict[str, str] = {}
    try:
        for name, channel in channels.items():
            await changing.put_channel(connection, name, CHANNELS.validate_python(channel), By())
            for key, value in channel.get("secrets", {}).items():
                environment[reference_of(name, key).removeprefix("env:")] = value
        for name, route in routes.items():
            await changing.put_route(connection, name, NoticeRoute.model_validate(route), By())
        for name, inhibition in inhibitions.items():
            await changing.put_inhibition(connection, name, Inhibition.model_validate(inhibition), By())
        for silence in silences:
            until = {"starts_at": now, "ends_at": now + timedelta(days=1)}
            await changing.put_silence(connection, uuid4(), Silence.model_validate(silence | until), By())
        for rule in rules:
            await add_rule(connection, Definition.model_validate(rule), By(), now)
        before = await everything(connection)
        text = await export(connection)
        await asyncio.to_thread(path.write_text, text, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patched:
            for name, value in environment.items():
                patched.setenv(name, value)
            source = read_file(path, now)
        await apply(connection, source, now, Links())
        assert await everything(connection) == before
        count = sum(map(len, (channels, routes, inhibitions, silences, rules)))
        assert (await apply(connection, source, now, Links())).counts == EMPTY | {"unchanged": count}
        assert await export(connection) == text
    finally:
        await connection.close()


async def everything(connection: asyncpg.Connection) -> list[Any]:
    """All rows but for who keeps them and their versions."""
    rows = []
    for table in ("rules", "channels", "channel_secrets", "routes", "inhibitions", "silences"):
        unlike = "'{provisioned_from,version,updated_at}'::text[]"
        statement = f"SELECT to_jsonb(kept) - {unlike} AS row FROM enterprise.alert_{table} AS kept ORDER BY 1"
        rows.append([row["row"] for row in await connection.fetch(statement)])
    return rows


def otelgres(dsn: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = plain_environment() | {"OTELGRES_DSN": dsn} | variables
    command = [sys.executable, "-m", "server.cli", "alerts", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_the_command_line_checks_applies_exports_and_releases(empty: str, tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(FILE)
    hook = {"TEAM_HOOK": "https://hooks.slack.example/hunter2"}
    checked = otelgres(empty, "check", str(path), **hook)
    assert (checked.returncode, checked.stdout) == (0, f"{path}: nothing is wrong\n")
    refused = otelgres(empty, "apply", str(path), TEAM_HOOK="")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "alerts.yaml:4: channels.team.secrets.webhook_url: the environment has no TEAM_HOOK" in refused.stderr
    assert names(empty) == []
    applied = otelgres(empty, "apply", str(path), **hook)
    assert applied.returncode == 0, applied.stderr
    assert "added: rule Errors\n" in applied.stdout
    assert applied.stdout.endswith("unchanged: 0\n")
    exported = otelgres(empty, "export")
    assert exported.returncode == 0, exported.stderr
    assert "webhook_url: env:ALERT_TEAM_WEBHOOK_URL" in exported.stdout
    assert "hunter2" not in exported.stdout + applied.stdout
    path.write_text(exported.stdout)
    again = otelgres(empty, "apply", str(path), ALERT_TEAM_WEBHOOK_URL=hook["TEAM_HOOK"])
    assert again.stdout == "unchanged: 6\n", again.stderr
    released = otelgres(empty, "release", "alerts.yaml")
    assert released.stdout.count("released: ") == 6


def test_a_server_applies_its_file_when_it_starts(empty: str, tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(FILE)
    with served_api(empty, Settings(alert_file=path)) as api:
        standing = settled(api)
        assert (standing["file"], standing["state"], standing["mistakes"]) == ("alerts.yaml", "applied", [])
        assert standing["counts"] == EMPTY | {"added": 6}
        (rule,) = api.get(f"{ALERTS}/rules").json()["rules"]
        assert (rule["name"], rule["provisioned_from"]) == ("Errors", "alerts.yaml")
        refused = api.put(f"{ALERTS}/rules/{rule['id']}", json={"threshold": 5})
        assert refused.status_code == 409
        assert "alerts.yaml" in refused.json()["detail"]
        assert "name: Errors" in api.get(f"{ALERTS}/provisioning/export").text


def test_a_server_whose_file_is_bad_goes_on_with_what_it_had(
    empty: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(FILE)
    with served_api(empty, Settings(alert_file=path)) as api:
        settled(api)
    path.write_text(FILE.replace("gt", "above"))
    with served_api(empty, Settings(alert_file=path)) as api:
        standing = settled(api)
        assert (standing["state"], standing["counts"]) == ("refused", None)
        assert standing["mistakes"][0].startswith("alerts.yaml:23: rules[0].condition: Input should be")
        assert [rule["name"] for rule in api.get(f"{ALERTS}/rules").json()["rules"]] == ["Errors"]
    assert any("alerts.yaml:23: rules[0].condition" in record.message for record in caplog.records)


def test_without_a_file_nothing_is_kept_in_one(empty: str) -> None:
    with served_api(empty) as api:
        answer = api.get(f"{ALERTS}/provisioning").json()
    assert answer == {"file": None, "state": "none", "at": None, "mistakes": [], "counts": None}


def settled(api: httpx.Client) -> dict[str, Any]:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        answer: dict[str, Any] = api.get(f"{ALERTS}/provisioning").json()
        if answer["state"] != "waiting":
            return answer
        time.sleep(0.05)
    raise AssertionError("the file was neither applied nor refused within 30 s")
