"""The answer to a list: rows, and where to go on."""

import json
from collections.abc import Mapping, Sequence

from fastapi import Response

from query_api.answers import json_answer, json_array
from query_api.cursor import next_cursor


def page_answer(name: str, rows: Sequence[Mapping[str, str]], limit: int, offset: int, **more: int | None) -> Response:
    """A 200 with the rows under this name. A row has its item as JSON text, its time and its id."""
    items = json_array(row["item"] for row in rows)
    rest = json.dumps({**more, "limit": limit, "offset": offset, "next_cursor": next_cursor(rows, limit)})
    return json_answer(f'{{"{name}":{items},{rest[1:]}')
