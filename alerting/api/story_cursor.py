"""Cursors of lists whose rows have a number for an id."""

import re
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator

from query_api.cursor import decode
from query_api.parameters import empty_is

NUMBER = re.compile(r"\d{1,18}", re.ASCII)
LEAST = "0"


def _check(text: str | None) -> str | None:
    decode(text, NUMBER)
    return text


StoryCursor = Annotated[
    str | None,
    AfterValidator(_check),
    empty_is(None),
    Query(description="The `next_cursor` of the page before. Rows that come meanwhile do not move what follows."),
]
