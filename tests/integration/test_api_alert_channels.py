"""Channels: kept as given, and their secrets never told."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from alerting.api.policy_models import ChannelAnswer, Channels
from tests.alert_policies import audited
from tests.conftest import copied
from tests.served_api import sql

CHANNELS = "/api/observability/alerts/channels"
HIDDEN = "hunter2"
KINDS: dict[str, dict[str, Any]] = {
    "slack": {"secrets": {"webhook_url": f"https://hooks.slack.example/{HIDDEN}"}},
    "email": {
        "settings": {"to": ["ops@example.com"], "from": "o@example.com", "host": "mail", "port": 25, "tls": "none"},
        "secrets": {"password": HIDDEN},
    },
    "webhook": {"settings": {"url": "https://hooks.example/alerts"}, "secrets": {"secret": HIDDEN}},
    "pagerduty": {"secrets": {"routing_key": HIDDEN}},
    "apprise": {"secrets": {"url": f"tgram://{HIDDEN}/1"}},
}


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def put(api: httpx.Client, kind: str, **fields: Any) -> dict[str, Any]:
    answer = api.put(f"{CHANNELS}/on call", json={"kind": kind} | fields)
    assert answer.status_code == 200, answer.text
    assert HIDDEN not in answer.text
    ChannelAnswer.model_validate_json(answer.text)
    kept: dict[str, Any] = answer.json()
    return kept


def secrets(dsn: str) -> dict[str, str]:
    (row,) = sql(dsn, "SELECT secrets FROM enterprise.alert_channel_secrets")
    found: dict[str, str] = json.loads(row["secrets"])
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_is_kept_and_its_secrets_are_never_told(api: httpx.Client, database: str, kind: str) -> None:
    kept = put(api, kind, **KINDS[kind])
    assert (kept["name"], kept["kind"], kept["version"]) == ("on call", kind, 1)
    assert kept["settings"] == KINDS[kind].get("settings", {})
    assert kept["secrets"] == dict.fromkeys(KINDS[kind]["secrets"], "set")
    assert secrets(database) == KINDS[kind]["secrets"]
    listed = api.get(CHANNELS)
    Channels.model_validate_json(listed.text)
    assert listed.json() == {"channels": [kept]}
    assert api.get(f"{CHANNELS}/on call").json() == kept
    assert put(api, kind, **KINDS[kind]) == kept, "the same again is no change"
    assert api.delete(f"{CHANNELS}/on call").json() == {"message": "Channel deleted"}
    assert sql(database, "SELECT FROM enterprise.alert_channel_secrets") == []
    for gone in (api.get(f"{CHANNELS}/on call"), api.delete(f"{CHANNELS}/on call")):
        assert (gone.status_code, gone.json()) == (404, {"detail": "Channel not found"})
    trail = audited(database)
    assert [row["action"] for row in trail] == ["create", "delete"]
    assert HIDDEN not in json.dumps(trail, default=str)


def test_a_secret_that_is_left_out_stays_and_null_takes_it_away(api: httpx.Client, database: str) -> None:
    put(api, "webhook", **KINDS["webhook"])
    settings = {"url": "https://hooks.example/other"}
    assert put(api, "webhook", settings=settings)["secrets"] == {"secret": "set"}
    answered = put(api, "webhook", settings=settings, secrets={"secret": "set"})
    assert (answered["version"], secrets(database)) == (2, {"secret": HIDDEN})
    put(api, "webhook", settings=settings, secrets={"secret": "other"})
    assert secrets(database) == {"secret": "other"}
    assert put(api, "webhook", settings=settings, secrets={"secret": None})["secrets"] == {}
    assert secrets(database) == {}
    told = [row["after"]["secrets"] for row in audited(database)]
    assert told == [{"secret": "set anew"}, {"secret": "set"}, {"secret": "set anew"}, {}]


def test_another_kind_has_none_of_the_secrets_of_the_one_before(api: httpx.Client, database: str) -> None:
    put(api, "apprise", secrets={"url": "json://one.example"})
    put(api, "webhook", settings={"url": "https://two.example"})
    assert secrets(database) == {}


@pytest.mark.parametrize(
    ("kind", "needed"), [("slack", "webhook_url"), ("pagerduty", "routing_key"), ("apprise", "url")]
)
def test_a_needed_secret_is_asked_for(api: httpx.Client, kind: str, needed: str) -> None:
    def asked(**fields: Any) -> None:
        answer = api.put(f"{CHANNELS}/on call", json={"kind": kind} | fields)
        assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "secrets", needed])

    asked()
    asked(secrets={needed: "set"})
    assert api.get(CHANNELS).json() == {"channels": []}
    put(api, kind, **KINDS[kind])
    asked(secrets={needed: None})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "pigeon"},
        {"kind": "slack", "secrets": {"webhook_url": f"hooks.slack.example/{HIDDEN}"}},
        {"kind": "slack", "secrets": {"webhook_url": f"ftp://{HIDDEN}"}},
        {"kind": "slack", "secrets": {"webhook_url": "https://[x"}},
        {"kind": "slack", "secrets": {"webhook_url": "https://x:99999999"}},
        {"kind": "slack", "settings": {"url": "https://x"}, "secrets": {"webhook_url": "https://x"}},
        {"kind": "email", "settings": {"to": []}},
        {"kind": "email", "settings": {"to": ["nobody"]}},
        {"kind": "email", "settings": {"to": ["a@b\r\nBcc: c@d"]}},
        {"kind": "email", "settings": {"to": ["a@b"], "tls": "maybe"}},
        {"kind": "email", "settings": {"to": ["a@b"], "port": 0}},
        {"kind": "webhook"},
        {"kind": "webhook", "settings": {"url": "https://x"}, "secrets": {"password": HIDDEN}},
        {"kind": "apprise", "secrets": {"url": HIDDEN}},
    ],
    ids=range(15),
)
def test_what_is_no_channel_is_422_and_shows_no_secret(api: httpx.Client, body: dict[str, Any]) -> None:
    answer = api.put(f"{CHANNELS}/on call", json=body)
    assert answer.status_code == 422, answer.text
    assert HIDDEN not in answer.text
    assert api.get(CHANNELS).json() == {"channels": []}


def test_readers_of_the_tables_see_no_secret(api: httpx.Client, database: str) -> None:
    put(api, "slack", **KINDS["slack"])
    shown = "SELECT has_table_privilege('otelgres_reader', 'enterprise.alert_channel_secrets', 'SELECT') AS may"
    assert [row["may"] for row in sql(database, shown)] == [False]
    dumped = sql(database, "SELECT to_jsonb(channel)::text AS row FROM enterprise.alert_channels AS channel")
    assert HIDDEN not in dumped[0]["row"]
