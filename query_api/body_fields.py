"""Fields that several bodies have."""

from typing import Annotated

from pydantic import AfterValidator, Field

from query_api.parameters import without_nul


def not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def each_once(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("must have each only once")
    return names


Line = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(without_nul), AfterValidator(not_blank)]
"""A name, or whatever else fits into a line."""
