"""What a request that cannot be understood is answered: each mistake with its place, whatever was sent."""

import json
from typing import Any

from fastapi import Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError


async def answer(request: Request, error: Exception) -> Response:
    """422 in FastAPI's own form. What came in and JSON has no word for, NaN for one, is told in Python's."""
    assert isinstance(error, RequestValidationError)
    mistakes = [_told(mistake) for mistake in jsonable_encoder(error.errors())]
    # Escaped, because a lone surrogate is JSON but not UTF-8.
    return Response(json.dumps({"detail": mistakes}), 422, media_type="application/json")


def _told(mistake: dict[str, Any]) -> dict[str, Any]:
    told = {**mistake, "msg": mistake["msg"].removeprefix("Value error, ")}
    if "input" in told:
        told["input"] = _sayable(told["input"])
    return told


def _sayable(value: Any) -> Any:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return repr(value)
    return value
