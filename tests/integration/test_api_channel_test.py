"""POST /alerts/channels/{name}/test: what a channel says to a test."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from alerting.api.channel_test import ChannelTested
from tests.alert_notices import add_channel
from tests.alert_receiver import Answer, Receiver, receiver
from tests.conftest import copied, run
from tests.served_api import sql

CHANNELS = "/api/observability/alerts/channels"


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@contextmanager
def receiving(*answers: Answer) -> Iterator[Receiver]:
    """A receiver with an event loop of its own, since the client of these tests blocks."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    context = receiver(*answers)
    try:
        yield asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result()
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_channel_that_takes_it_says_so(client: httpx.Client, database: str) -> None:
    with receiving(Answer()) as slack:
        run(add_channel(database, "takes", "slack", secrets={"webhook_url": slack.url}))
        answer = client.post(f"{CHANNELS}/takes/test")
    assert answer.status_code == 200, answer.text
    ChannelTested.model_validate_json(answer.text)
    assert slack.requests[0].json["text"] == "ℹ️ *Test of the channel takes*"
    [notice] = sql(database, "SELECT * FROM enterprise.alert_notices WHERE channel = 'takes'")
    assert (str(notice["id"]), notice["kind"], notice["state"]) == (answer.json()["notice_id"], "test", "sent")
    [attempt] = sql(database, "SELECT * FROM enterprise.alert_attempts WHERE channel = 'takes'")
    assert attempt["success"]


def test_a_channel_that_refuses_is_502_with_its_words_and_is_kept(client: httpx.Client, database: str) -> None:
    with receiving(Answer(403, body="invalid_token")) as slack:
        run(add_channel(database, "refuses", "slack", secrets={"webhook_url": slack.url}))
        answer = client.post(f"{CHANNELS}/refuses/test")
    assert (answer.status_code, answer.json()) == (502, {"detail": "Slack answered 403: invalid_token"})
    [notice] = sql(database, "SELECT * FROM enterprise.alert_notices WHERE channel = 'refuses'")
    assert (notice["state"], notice["last_error"]) == ("failed", "Slack answered 403: invalid_token")


def test_what_is_temporary_is_told_and_not_tried_again(client: httpx.Client, database: str) -> None:
    with receiving(Answer(503)) as slack:
        run(add_channel(database, "busy", "slack", secrets={"webhook_url": slack.url}))
        assert client.post(f"{CHANNELS}/busy/test").status_code == 502
    assert len(slack.requests) == 1
    [[state]] = sql(database, "SELECT state FROM enterprise.alert_notices WHERE channel = 'busy'")
    assert state == "failed"


def test_an_unknown_channel_is_404(client: httpx.Client) -> None:
    answer = client.post(f"{CHANNELS}/nowhere/test")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Channel not found"})


def test_a_channel_without_its_settings_is_409_and_says_what_is_missing(client: httpx.Client, database: str) -> None:
    answer = client.post(f"{CHANNELS}/slack/test")
    reason = "The channel slack is not configured: SLACK_WEBHOOK_URL is not set"
    assert (answer.status_code, answer.json()) == (409, {"detail": reason})
