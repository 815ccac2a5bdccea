"""What a client sends: a filter, at the beginning or at any time."""

from datetime import UTC, datetime

import msgspec

from query_api.search.errors import SearchError
from query_api.search.signals import LOGS
from query_api.searching import Search, search_of


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    q: str
    type: str = "filter"


_asked = msgspec.json.Decoder(_Asked)


def asked(text: str | bytes) -> tuple[Search, str]:
    """The filter of a message `{"q": "..."}`. Raises SearchError, and ValueError for what is no such message."""
    try:
        q = _asked.decode(text).q
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f'A message is {{"q": "<a search>"}}: {error}') from None
    return search_of_tail(q), q


def search_of_tail(q: str | None) -> Search:
    """Raises SearchError."""
    if q and "\0" in q:
        raise SearchError("A search must not contain the character U+0000", q.index("\0"))
    return search_of(LOGS, q, datetime.now(UTC))
