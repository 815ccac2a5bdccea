"""Slack, webhooks, PagerDuty and apprise against a real HTTP server that answers well and badly."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from alerting.delivery.channels import Channel
from alerting.delivery.messenger import Messenger
from tests.alert_notices import ITEM, RULE, message, resolved
from tests.alert_receiver import CUT, HANG, Answer, Receiver, receiver

ATTEMPT_SECONDS = 1.0


@pytest.fixture
async def messenger() -> AsyncIterator[Messenger]:
    messenger = Messenger(ATTEMPT_SECONDS)
    yield messenger
    await messenger.close()


@pytest.fixture
async def patient() -> AsyncIterator[Messenger]:
    """For apprise, which takes seconds to load."""
    messenger = Messenger(60.0)
    yield messenger
    await messenger.close()


def slack(receiving: Receiver) -> Channel:
    return Channel("slack", "slack", {}, {"webhook_url": receiving.url})


def pagerduty(receiving: Receiver) -> Channel:
    return Channel("pager", "pagerduty", {"url": receiving.url}, {"routing_key": "routing-key-1"})


async def test_slack_is_told(messenger: Messenger) -> None:
    async with receiver() as receiving:
        outcome = await messenger.send(slack(receiving), message())
    assert (outcome.told, outcome.error) == (True, None)
    [request] = receiving.requests
    assert request.json["text"] == "🚨 *High Error Rate*"
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("answer", "again", "error"),
    [
        (Answer(403, body="invalid_token"), False, "Slack answered 403: invalid_token"),
        (Answer(404, body="no_service"), False, "Slack answered 404: no_service"),
        (Answer(400, body="invalid_payload"), False, "Slack answered 400: invalid_payload"),
        (Answer(201), False, "Slack answered 201: ok"),
        (Answer(302, {"location": "http://127.0.0.1:1/elsewhere"}, ""), False, "Slack answered 302"),
        (Answer(429, body="rate_limited"), True, "Slack answered 429: rate_limited"),
        (Answer(500, body="a\nb\0c"), True, "Slack answered 500: a b c"),
        (Answer(503, body=""), True, "Slack answered 503"),
        (HANG, True, "Slack did not answer in time"),
        (CUT, True, "Slack cannot be reached: Server disconnected without sending a response."),
    ],
    ids=["403", "404", "400", "201", "redirect", "429", "500", "503", "hanging", "cutting"],
)
async def test_what_slack_answers_decides_whether_it_is_tried_again(
    messenger: Messenger, answer: Answer, again: bool, error: str
) -> None:
    async with receiver(answer) as receiving:
        outcome = await messenger.send(slack(receiving), message())
    assert (outcome.told, outcome.again, outcome.permanent) == (False, again, not again)
    # A client that gives up first may say so in our words or in its own.
    assert outcome.error in (error, f"no answer within {ATTEMPT_SECONDS:g} s")
    assert len(receiving.requests) == 1


@pytest.mark.parametrize("status", [429, 503])
async def test_a_channel_says_how_long_it_wants_to_be_left_alone(messenger: Messenger, status: int) -> None:
    async with receiver(Answer(status, {"retry-after": "30"})) as receiving:
        outcome = await messenger.send(slack(receiving), message())
    assert outcome.wait == timedelta(seconds=30)


async def test_nobody_listening_is_tried_again(messenger: Messenger) -> None:
    outcome = await messenger.send(Channel("slack", "slack", {}, {"webhook_url": "http://127.0.0.1:1/x"}), message())
    assert (outcome.told, outcome.again) == (False, True)
    assert outcome.error is not None
    assert outcome.error.startswith("Slack cannot be reached")


@pytest.mark.parametrize("url", ["no address", "ftp://127.0.0.1/x", "http://", "http://[::1/x", "https://a:b:c/"])
async def test_what_is_no_address_is_permanent(messenger: Messenger, url: str) -> None:
    outcome = await messenger.send(Channel("slack", "slack", {}, {"webhook_url": url}), message())
    assert (outcome.told, outcome.permanent, outcome.error) == (
        False,
        True,
        "the address of Slack is no http or https address",
    )


async def test_no_secret_is_in_what_is_recorded_or_logged(
    messenger: Messenger, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with receiver(Answer(404, body="no hook at /services/T0/B0/secret-path here")) as receiving:
        outcome = await messenger.send(slack(receiving), message())
    assert outcome.error == "Slack answered 404: no hook at /*** here"
    assert "secret-path" not in caplog.text


async def test_an_endless_answer_is_not_read_to_its_end(messenger: Messenger) -> None:
    async with receiver(Answer(500, {"content-length": "1000000000"}, "x" * 100_000)) as receiving:
        outcome = await messenger.send(slack(receiving), message())
    assert outcome.error is not None
    assert len(outcome.error) < 400


async def test_a_webhook_is_signed_and_names_the_notice(messenger: Messenger) -> None:
    notice = message(ITEM, resolved(), channel="hook")
    async with receiver(Answer(204, body="")) as receiving:
        channel = Channel("hook", "webhook", {"url": receiving.url}, {"secret": "a secret of ours"})
        outcome = await messenger.send(channel, notice)
    assert outcome.told
    [request] = receiving.requests
    assert request.headers["idempotency-key"] == request.headers["webhook-id"] == str(notice.id)
    signed = f"{notice.id}.{request.headers['webhook-timestamp']}.".encode() + request.body
    expected = hmac.new(b"a secret of ours", signed, hashlib.sha256).digest()
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()
    assert request.json["alerts"] == [
        {"key": f"{RULE}:", **json.loads(json.dumps(item.as_json()))} for item in (ITEM, resolved())
    ]


async def test_a_webhook_without_a_secret_is_not_signed(messenger: Messenger) -> None:
    async with receiver() as receiving:
        assert (await messenger.send(Channel("hook", "webhook", {"url": receiving.url}), message())).told
    assert "webhook-signature" not in receiving.requests[0].headers


async def test_pagerduty_gets_an_event_for_each_alert(messenger: Messenger) -> None:
    async with receiver(Answer(202)) as receiving:
        outcome = await messenger.send(pagerduty(receiving), message(ITEM, channel="pager"))
        await messenger.send(pagerduty(receiving), message(resolved(), channel="pager"))
    assert outcome.told
    opened, closed = (request.json for request in receiving.requests)
    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"] == f"{RULE}:"
    assert opened["routing_key"] == "routing-key-1"


async def test_pagerduty_events_that_arrived_are_not_sent_again(messenger: Messenger) -> None:
    other = resolved()
    async with receiver(Answer(202), Answer(429, {"retry-after": "7"}), Answer(202)) as receiving:
        first = await messenger.send(pagerduty(receiving), message(ITEM, other, channel="pager"))
        assert (first.told, first.again, first.wait) == (True, True, timedelta(seconds=7))
        second = await messenger.send(
            pagerduty(receiving), message(ITEM, other, channel="pager", done=frozenset(first.done))
        )
    assert (second.told, second.again, second.error) == (True, False, None)
    actions = [request.json["event_action"] for request in receiving.requests]
    assert actions == ["trigger", "resolve", "resolve"]


async def test_an_event_that_pagerduty_refuses_stops_no_other(messenger: Messenger) -> None:
    async with receiver(Answer(400, body="bad event"), Answer(202)) as receiving:
        outcome = await messenger.send(pagerduty(receiving), message(ITEM, resolved(), channel="pager"))
    assert (outcome.told, outcome.again, outcome.error) == (True, False, "PagerDuty answered 400: bad event")


async def test_a_test_of_pagerduty_leaves_no_incident_behind(messenger: Messenger) -> None:
    async with receiver(Answer(202)) as receiving:
        assert (await messenger.send(pagerduty(receiving), message(kind="test", channel="pager"))).told
    opened, closed = (request.json for request in receiving.requests)
    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"]


async def test_apprise_tells_anything_by_its_url(patient: Messenger) -> None:
    async with receiver() as receiving:
        url = receiving.url.replace("http://", "json://")
        outcome = await patient.send(Channel("other", "apprise", {}, {"url": url}), message())
    assert (outcome.told, outcome.error) == (True, None)
    assert receiving.requests[0].json["title"] == "High Error Rate"
    assert "error_count is 11" in receiving.requests[0].json["message"]


async def test_what_apprise_says_is_the_reason(patient: Messenger) -> None:
    async with receiver(Answer(500)) as receiving:
        url = receiving.url.replace("http://", "json://")
        outcome = await patient.send(Channel("other", "apprise", {}, {"url": url}), message())
    assert (outcome.told, outcome.again) == (False, True)
    assert outcome.error is not None
    assert "500" in outcome.error
    assert "secret-path" not in outcome.error


async def test_a_url_that_apprise_does_not_know_is_permanent(patient: Messenger) -> None:
    outcome = await patient.send(Channel("other", "apprise", {}, {"url": "nothing://x"}), message())
    assert (outcome.told, outcome.permanent) == (False, True)


@pytest.mark.parametrize("kind", ["slack", "email", "webhook", "pagerduty", "apprise", "pigeon"])
async def test_a_channel_that_lacks_something_says_what(messenger: Messenger, kind: str) -> None:
    outcome = await messenger.send(Channel("mine", kind), message())
    assert (outcome.told, outcome.permanent) == (False, True)
    assert outcome.error is not None
    assert outcome.error.startswith("the channel mine is")
