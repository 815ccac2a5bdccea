"""Answers put together from JSON that PostgreSQL made: numbers, times and jsonb pass through untouched."""

from collections.abc import Iterable
from typing import Any

from fastapi import Response
from pydantic import BaseModel, Field


class Failure(BaseModel):
    """What every failure answers, but 422, whose detail is a list of mistakes."""

    detail: str = Field(description="What went wrong, for people.")


FAILURES: dict[int | str, dict[str, Any]] = {
    500: {"model": Failure, "description": "The database refused the query"},
    503: {"model": Failure, "description": "The database cannot be reached"},
    504: {"model": Failure, "description": "The query took too long"},
}
NO_PATH: dict[int | str, dict[str, Any]] = {
    404: {"model": Failure, "description": "No path: a name has no line breaks"}
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Failure, "description": "Unknown id"}}


def json_answer(text: str) -> Response:
    """A 200 whose body is this JSON text."""
    return Response(text, media_type="application/json")


def json_array(rows: Iterable[str]) -> str:
    """The JSON array of items that are JSON text already."""
    return "[" + ",".join(rows) + "]"
