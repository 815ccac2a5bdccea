"""One attempt to tell one channel, whatever its kind: bounded in time, and never raising."""

import asyncio
import logging
import ssl
from collections.abc import Iterable
from dataclasses import replace

from alerting.delivery import mail, pagerduty, slack, webhook
from alerting.delivery.apprise_url import Apprise
from alerting.delivery.channels import Channel, Unconfigured
from alerting.delivery.http import Client
from alerting.delivery.message import Message
from alerting.delivery.outcome import Outcome, failed, refused

ATTEMPT_SECONDS = 10.0
MASK = "***"
LEAST_SECRET = 4

_log = logging.getLogger(__name__)


class Messenger:
    """What the kinds of channels need, kept for as long as it lives. MUST be closed.

    tls: what mail servers' certificates are checked against, by default as the system does.
    """

    def __init__(self, seconds: float = ATTEMPT_SECONDS, tls: ssl.SSLContext | None = None) -> None:
        self._seconds = seconds
        self._tls = tls or ssl.create_default_context()
        self._client = Client(seconds)
        self._apprise = Apprise(seconds)

    async def close(self) -> None:
        self._apprise.close()
        await self._client.close()

    async def send(self, channel: Channel, message: Message) -> Outcome:
        """What came of it; its error names no secret of the channel. Raises nothing but cancellation."""
        try:
            async with asyncio.timeout(self._seconds):
                outcome = await self._dispatch(channel, message)
        except TimeoutError:
            outcome = failed(f"no answer within {self._seconds:g} s")
        except Unconfigured as reason:
            outcome = refused(str(reason))
        except Exception as error:  # noqa: BLE001 - one message that cannot be sent must not stop the others
            _log.exception("telling channel %s failed", channel.name)
            outcome = failed(f"unforeseen {type(error).__name__}; the log says more")
        return masked(outcome, channel.secrets.values())

    async def _dispatch(self, channel: Channel, message: Message) -> Outcome:
        match channel.kind:
            case "slack":
                return await slack.send(channel, message, self._client)
            case "email":
                return await mail.send(channel, message, self._seconds, self._tls)
            case "webhook":
                return await webhook.send(channel, message, self._client)
            case "pagerduty":
                return await pagerduty.send(channel, message, self._client)
            case "apprise":
                return await self._apprise.send(channel, message)
        raise Unconfigured(f"the channel {channel.name} is of an unknown kind, {channel.kind}")


def masked(outcome: Outcome, secrets: Iterable[str]) -> Outcome:
    """Without secrets, whole or as the path of an address, which whoever answers may repeat."""
    error = outcome.error
    for text in sorted(_telling(secrets), key=len, reverse=True):
        error = error and error.replace(text, MASK)
    return replace(outcome, error=error)


def _telling(secrets: Iterable[str]) -> Iterable[str]:
    for secret in secrets:
        path = secret.partition("://")[2].partition("/")[2]
        yield from (text for text in (secret, path) if len(text) >= LEAST_SECRET)
