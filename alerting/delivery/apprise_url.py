"""Any service that apprise knows, by an apprise URL. Secrets: url."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from alerting.delivery.channels import Channel
from alerting.delivery.message import Message
from alerting.delivery.outcome import Outcome, failed, refused, told
from alerting.delivery.wording import headline, one_line, plain, severity

_NOTIFY_TYPES = {"info": "info", "warning": "warning", "critical": "failure"}

# It logs parts of URLs and answers, which are secrets; what went wrong is in its results.
logging.getLogger("apprise").addHandler(logging.NullHandler())
logging.getLogger("apprise").propagate = False


class Apprise:
    """apprise blocks, so it runs in threads of its own; one that hangs takes no other's. MUST be closed."""

    def __init__(self, seconds: float, threads: int = 8) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="apprise")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, channel: Channel, message: Message) -> Outcome:
        """apprise says why something failed and not whether it is for good: all but a bad URL is tried again."""
        url, kind = channel.secret("url"), _kind(message)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads, _notify, url, headline(message), plain(message), kind, self._seconds
        )


def _kind(message: Message) -> str:
    return "success" if message.resolved else _NOTIFY_TYPES.get(severity(message), "warning")


def _notify(url: str, title: str, body: str, kind: str, seconds: float) -> Outcome:
    # Takes most of a second, and few servers need it.
    import apprise

    service = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Otelgres", app_desc="Otelgres", app_url=""))
    if not service.add(url):
        return refused("apprise does not understand the URL of this channel")
    with service.notify(body, title, kind, body_format=apprise.NotifyFormat.TEXT, timeout=seconds) as result:
        if result:
            return told()
        reasons = dict.fromkeys(one_line(entry.message) for entry in result.logs())
    return failed("apprise could not send it" + "".join(f": {reason}" for reason in reasons))
