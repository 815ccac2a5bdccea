"""What is sent to who watches: JSON objects with a `type`, and, where one can resume from there, a `token`."""

import json
from dataclasses import dataclass

from query_api.search.errors import SearchError

NEW_LOG = "new_log"


@dataclass(frozen=True, slots=True)
class Message:
    """A JSON text of this kind. written_us: of a log, when its transaction began, where its batch says so."""

    kind: str
    text: str
    token: str | None = None
    written_us: int | None = None

    def as_event(self) -> str:
        """As an event of text/event-stream."""
        place = f"id: {self.token}\n" if self.token else ""
        return f"{place}event: {self.kind}\ndata: {self.text}\n\n"


def new_log(item: str, token: str, written_us: int | None) -> Message:
    """item: the log as JSON text."""
    return Message(NEW_LOG, f'{{"type":"{NEW_LOG}","data":{item},"token":"{token}"}}', token, written_us)


def filter_in_force(q: str | None, token: str) -> Message:
    """From here on logs match this search."""
    return _message("filter", token, q=q or "")


def skipped(count: int, token: str) -> Message:
    """So many logs were left out, because the client did not take them in time."""
    return _message("skipped", token, skipped=count)


def restarted(token: str) -> Message:
    """What came since the client's token cannot be told any more; it goes on from here."""
    return _message("restarted", token, detail="The token is too old, or another database's; going on from the newest")


def error(detail: str) -> Message:
    return answer_to(ValueError(detail))


def answer_to(mistake: ValueError) -> Message:
    """What is wrong with what a client asked; of a search also where, 0-based, and what could stand there."""
    position, expected = (mistake.position, mistake.expected) if isinstance(mistake, SearchError) else (None, [])
    return _message("error", None, detail=str(mistake), position=position, expected=expected)


def _message(kind: str, token: str | None, **fields: object) -> Message:
    last = {"token": token} if token else {}
    return Message(kind, json.dumps({"type": kind, **fields, **last}), token)
