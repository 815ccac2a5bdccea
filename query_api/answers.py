"""Answers put together from JSON that PostgreSQL made: numbers, times and jsonb pass through untouched."""

from collections.abc import Iterable
from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field


class Failure(BaseModel):
    """What every failure answers, but 422, whose detail is a list of mistakes."""

    detail: str = Field(description="What went wrong, for people.")


Responses = dict[int | str, dict[str, Any]]
"""What a route says in OpenAPI of its failures, by status."""

FAILURES: Responses = {
    500: {"model": Failure, "description": "The database refused the query"},
    503: {"model": Failure, "description": "The database cannot be reached"},
    504: {"model": Failure, "description": "The query took too long"},
}
NO_PATH: Responses = {404: {"model": Failure, "description": "No path: a name has no line breaks"}}
NOT_FOUND: Responses = {404: {"model": Failure, "description": "Unknown id"}}
UNREADABLE: Responses = {400: {"model": Failure, "description": "The body is no JSON"}}
REFUSED: Responses = {403: {"model": Failure, "description": "A page of another site asked"}}


def json_answer(text: str) -> Response:
    """A 200 whose body is this JSON text."""
    return Response(text, media_type="application/json")


def json_array(rows: Iterable[str]) -> str:
    """The JSON array of items that are JSON text already."""
    return "[" + ",".join(rows) + "]"
