"""Errors as Alertmanager tells them: a JSON text."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": str, "description": "Bad request"},
    500: {"model": str, "description": "Internal server error"},
    503: {"model": str, "description": "The database cannot be reached"},
    504: {"model": str, "description": "The query took too long"},
}
REFUSED: dict[int | str, dict[str, Any]] = {403: {"description": "A page of another site asked"}}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": str, "description": "There is no such silence"}}


class PlainErrors(APIRoute):
    """A route whose errors have a JSON text as body; what is malformed is 400."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def plainly(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return JSONResponse("; ".join(map(_told, error.errors())), 400)
            except HTTPException as error:
                return JSONResponse(error.detail, error.status_code)

        return plainly


def _told(mistake: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in mistake["loc"][1:])
    return f"{place}: {mistake['msg']}" if place else str(mistake["msg"])
