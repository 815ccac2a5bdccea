"""Cursors: the last row of a page, as its time and its id, in a form that says nothing to clients."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator

from query_api.parameters import empty_is

# PostgreSQL's own form in UTC; it knows years that Python does not.
_TIME = re.compile(
    r"-?infinity|(?P<year>\d{4,6})-(?P<rest>\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)\+00(?P<before> BC)?", re.ASCII
)
ANY_ID = re.compile(r"[^\0]{0,36}", re.DOTALL)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LEAST_TEXT, LEAST_UUID = "", "00000000-0000-0000-0000-000000000000"
_YEARS = range(1, 294_277)
_YEARS_BEFORE = range(1, 4_713)


@dataclass(frozen=True)
class Cursor:
    """time: as PostgreSQL writes a timestamptz in UTC."""

    time: str
    id: str

    @classmethod
    def before(cls, time: datetime, least_id: str) -> "Cursor":
        """Where all that is earlier begins. time: in UTC. least_id: no row's is less."""
        return cls(f"{time.replace(tzinfo=None).isoformat(' ')}+00", least_id)

    @property
    def moment(self) -> datetime | None:
        """The time; None where Python does not know it."""
        try:
            return datetime.fromisoformat(self.time)
        except ValueError:
            return None

    def __str__(self) -> str:
        return urlsafe_b64encode(f"{self.time}|{self.id}".encode()).decode().rstrip("=")


def decode(text: str | None, ids: re.Pattern[str] = ANY_ID) -> Cursor | None:
    """Raises ValueError for what no answer has given as its next_cursor."""
    if text is None:
        return None
    try:
        time, _, id_ = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition("|")
        if _is_time(time) and ids.fullmatch(id_):
            return Cursor(time, id_)
    except ValueError:
        pass
    raise ValueError("must be the next_cursor of an answer")


def next_cursor(rows: Sequence[Mapping[str, str]], limit: int) -> str | None:
    """Where the page after these rows begins; None when they did not fill theirs. A row has its time and id."""
    return str(Cursor(rows[-1]["time"], rows[-1]["id"])) if len(rows) == limit else None


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None or found["year"] is None:
        return found is not None
    year = int(found["year"])
    if year not in (_YEARS_BEFORE if found["before"] else _YEARS):
        return False
    # The calendar repeats itself every 400 years; the year before 1 is 1 BC.
    equal = 2000 + (1 - year if found["before"] else year) % 400
    datetime.fromisoformat(f"{equal}-{found['rest']}")
    return True


def _check_trace(text: str | None) -> str | None:
    decode(text)
    return text


def _check_row(text: str | None) -> str | None:
    decode(text, UUID)
    return text


_QUERY = Query(
    description="The `next_cursor` of the page before. Rows that come meanwhile do not move what follows.",
)
TraceCursor = Annotated[str | None, AfterValidator(_check_trace), empty_is(None), _QUERY]
LogCursor = Annotated[str | None, AfterValidator(_check_row), empty_is(None), _QUERY]
SpanCursor = LogCursor
