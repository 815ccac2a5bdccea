"""Mail against a real server with TLS and logins, which refuses some or all of it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerting.delivery.channels import Channel
from alerting.delivery.message import Message
from alerting.delivery.messenger import Messenger
from alerting.delivery.outcome import Outcome
from tests.alert_mail_server import PASSWORD, USER, MailServer, mail_server
from tests.alert_notices import ITEM, message, resolved

ANN, BOB, EVE = "ann@example.com", "bob@example.com", "eve@example.com"


@asynccontextmanager
async def messenger_for(server: MailServer, seconds: float = 10.0) -> AsyncIterator[Messenger]:
    messenger = Messenger(seconds, server.tls)
    yield messenger
    await messenger.close()


def channel(server: MailServer, password: str = PASSWORD, **settings: Any) -> Channel:
    given = {"to": [ANN, BOB, EVE], "from": "Otelgres <alerts@example.com>", "host": "localhost", "port": server.port}
    return Channel("email", "email", {**given, "user": USER, **settings}, {"password": password})


async def sent(server: MailServer, notice: Message, channel: Channel, seconds: float = 10.0) -> Outcome:
    async with messenger_for(server, seconds) as messenger:
        return await messenger.send(channel, notice)


async def test_a_mail_arrives_over_starttls_after_a_login() -> None:
    notice = message()
    async with mail_server() as server:
        outcome = await sent(server, notice, channel(server))
    assert (outcome.told, outcome.error, server.logins) == (True, None, [USER])
    [(recipients, mail)] = server.mails
    assert recipients == [ANN, BOB, EVE]
    assert mail["subject"] == "[CRITICAL] High Error Rate"
    assert mail["from"] == "Otelgres <alerts@example.com>"
    assert mail["to"] == f"{ANN}, {BOB}, {EVE}"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["message-id"] == f"<{notice.id}@otelgres.invalid>"


async def test_a_mail_arrives_over_tls_from_the_first_byte_on() -> None:
    async with mail_server(implicit_tls=True) as server:
        outcome = await sent(server, message(), channel(server, tls="tls", user=None))
    assert (outcome.told, outcome.error) == (True, None)


async def test_a_mail_arrives_without_tls_and_login_where_that_is_asked_for() -> None:
    async with mail_server(starttls=False) as server:
        outcome = await sent(server, message(), channel(server, tls="none", user=None))
    assert (outcome.told, outcome.error, server.logins) == (True, None, [])


async def test_a_server_without_starttls_gets_no_mail() -> None:
    async with mail_server(starttls=False) as server:
        outcome = await sent(server, message(), channel(server))
    assert (outcome.told, outcome.permanent, server.mails) == (False, True, [])
    assert outcome.error is not None
    assert "STARTTLS" in outcome.error


async def test_a_server_whose_certificate_nobody_vouches_for_gets_no_mail() -> None:
    async with mail_server() as server, mail_server() as other:
        outcome = await sent(replace(server, tls=other.tls), message(), channel(server))
    assert (outcome.told, server.mails) == (False, [])
    assert outcome.error is not None
    assert "certificate" in outcome.error


async def test_another_authority_is_trusted_where_the_environment_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mail_server() as server:
        server.authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        messenger = Messenger()
        outcome = await messenger.send(channel(server), message())
        await messenger.close()
    assert (outcome.told, outcome.error) == (True, None)


async def test_a_wrong_password_is_permanent_and_not_recorded() -> None:
    async with mail_server() as server:
        outcome = await sent(server, message(), channel(server, password="a wrong secret"))
    assert (outcome.told, outcome.permanent) == (False, True)
    assert outcome.error is not None
    assert outcome.error.startswith("the mail server answered 535")
    assert "a wrong secret" not in outcome.error


async def test_of_three_recipients_one_is_refused_and_the_others_are_told() -> None:
    async with mail_server({EVE: "550 no such user"}) as server:
        outcome = await sent(server, message(), channel(server))
    assert (outcome.told, outcome.again) == (True, False)
    assert outcome.error == f"1 of 3 recipients refused by the mail server: {EVE} (550 no such user)"
    assert [recipients for recipients, _ in server.mails] == [[ANN, BOB]]


async def test_who_is_put_off_is_tried_again_and_nobody_is_told_twice() -> None:
    notice = message()
    async with mail_server({BOB: "451 greylisted, come again", EVE: "550 no such user"}) as server:
        first = await sent(server, notice, channel(server))
        assert (first.told, first.again) == (True, True)
        server.refusals.clear()
        second = await sent(server, replace(notice, done=frozenset(first.done)), channel(server))
    assert (second.told, second.again, second.error) == (True, False, None)
    assert [recipients for recipients, _ in server.mails] == [[ANN], [BOB]]
    ids = {mail["message-id"] for _, mail in server.mails}
    assert len(ids) == 1


async def test_when_all_were_told_before_nobody_is_told_again() -> None:
    async with mail_server() as server:
        outcome = await sent(server, message(done=frozenset((ANN, BOB, EVE))), channel(server))
    assert (outcome.told, outcome.again, server.mails) == (True, False, [])


@pytest.mark.parametrize(("answer", "again"), [("550 no such user", False), ("451 later", True)])
async def test_all_recipients_refused_is_a_failure(answer: str, again: bool) -> None:
    async with mail_server(dict.fromkeys((ANN, BOB, EVE), answer)) as server:
        outcome = await sent(server, message(), channel(server))
    assert (outcome.told, outcome.again, server.mails) == (False, again, [])


@pytest.mark.parametrize(("answer", "again"), [("554 looks like spam", False), ("452 disk full", True)])
async def test_a_message_that_is_refused_is_told_to_nobody(answer: str, again: bool) -> None:
    async with mail_server() as server:
        server.data_answer = answer
        outcome = await sent(server, message(), channel(server))
    assert (outcome.told, outcome.again, outcome.done) == (False, again, ())
    assert outcome.error == f"the mail server answered {answer}"


async def test_a_server_that_says_nothing_is_tried_again() -> None:
    async with mail_server() as server:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            asked = channel(server, host="127.0.0.1", port=silent.getsockname()[1])
            outcome = await sent(server, message(), asked, seconds=0.5)
    assert (outcome.told, outcome.again) == (False, True)


async def test_nobody_listening_is_tried_again() -> None:
    async with mail_server() as server:
        outcome = await sent(server, message(), channel(server, port=1))
    assert (outcome.told, outcome.again) == (False, True)


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: x@example.com", "@example.com"])
async def test_what_is_no_address_is_permanent(address: str) -> None:
    async with mail_server() as server:
        outcome = await sent(server, message(), channel(server, to=[address]))
    assert (outcome.told, outcome.permanent, server.mails) == (False, True, [])


async def test_mails_of_one_group_are_one_conversation() -> None:
    async with mail_server() as server:
        await sent(server, message(ITEM), channel(server))
        await sent(server, message(resolved()), channel(server))
    (_, first), (_, second) = server.mails
    assert first["references"] == second["references"]
    assert first["message-id"] != second["message-id"]
    assert second["subject"] == "[CRITICAL] High Error Rate (resolved)"
