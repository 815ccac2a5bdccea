"""POST to a channel by HTTP, and what its answer means."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import version

import httpx2

from alerting.delivery.outcome import Outcome, failed, refused, told
from alerting.delivery.wording import one_line

JSON = {"content-type": "application/json"}
USER_AGENT = f"Otelgres/{version('otelgres')}"
MOST_ANSWER_BYTES = 2_048
LONGEST_WAIT = timedelta(hours=1)
_WORTH_ANOTHER = frozenset({408, 425, 429})

# It logs each address, which for many channels is the secret.
logging.getLogger("httpx2").setLevel(logging.WARNING)


class Client:
    """Sends requests, each over a connection of its own: they are few, and one kept open may be dead unnoticed.

    It follows no redirects, which could lead a signed body elsewhere. MUST be closed.
    """

    def __init__(self, seconds: float) -> None:
        self._http = httpx2.AsyncClient(
            follow_redirects=False,
            timeout=seconds,
            limits=httpx2.Limits(max_keepalive_connections=0),
            headers={"user-agent": USER_AGENT},
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def post(
        self,
        who: str,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        succeeded: Callable[[int], bool] = lambda status: 200 <= status < 300,
    ) -> Outcome:
        """What came of it; `who` is told of in errors, the address is not."""
        try:
            async with self._http.stream("POST", url, content=body, headers=dict(headers)) as response:
                answer = await _beginning(response)
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
            return refused(f"the address of {who} is no http or https address")
        except httpx2.TimeoutException:
            return failed(f"{who} did not answer in time")
        except httpx2.HTTPError as error:
            return failed(f"{who} cannot be reached: {one_line(str(error)) or type(error).__name__}")
        if succeeded(response.status_code):
            return told(status=response.status_code)
        return _refusal(who, response, answer)


async def _beginning(response: httpx2.Response) -> str:
    """The first of the body: nobody reads more, and it may never end."""
    read = b""
    with suppress(httpx2.HTTPError, asyncio.TimeoutError):
        async for piece in response.aiter_raw():
            read += piece
            if len(read) >= MOST_ANSWER_BYTES:
                break
    return one_line(read[:MOST_ANSWER_BYTES].decode(errors="replace"))


def _refusal(who: str, response: httpx2.Response, answer: str) -> Outcome:
    status = response.status_code
    error = f"{who} answered {status}" + (f": {answer}" if answer else "")
    if status in _WORTH_ANOTHER or status >= 500:
        return failed(error, retry_after(response.headers.get("retry-after"), datetime.now(UTC)), status=status)
    return refused(error, status=status)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """What the header Retry-After says, in seconds or as a date; None where it says nothing of use. An hour at most."""
    if not value:
        return None
    try:
        seconds = float(value) if value.strip().isdigit() else (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return timedelta(seconds=min(max(seconds, 0.0), LONGEST_WAIT.total_seconds()))
