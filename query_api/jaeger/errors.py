"""Answers, and errors, as Jaeger's query API tells them."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field


class Mistake(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(extra="forbid")

    code: int = Field(examples=[404])
    msg: str = Field(examples=["trace not found"])
    traceID: str | None = Field(None, examples=["5b8aa5a2d2c872e8321cf37308d69df2"], description="Of a list: whose.")


class Failed(BaseModel):
    """An answer without data."""

    model_config = ConfigDict(extra="forbid")

    data: None
    total: int = Field(examples=[0])
    limit: int = Field(examples=[0])
    offset: int = Field(examples=[0])
    errors: list[Mistake]


ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": Failed, "description": "A parameter cannot be read"},
    401: {"description": "Nobody has signed in"},
    403: {"description": "The role does not suffice"},
    422: {"model": Failed, "description": "Never; it is 400"},
    500: {"model": Failed, "description": "The database refused the query"},
    503: {"model": Failed, "description": "The database cannot be reached"},
    504: {"model": Failed, "description": "The query took too long"},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Failed, "description": "There is no such trace"}}


class JaegerRoute(APIRoute):
    """A route whose errors stand in Jaeger's envelope; what is malformed is 400."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                return _failed(400, "; ".join(map(_told, error.errors())))
            except HTTPException as error:
                return _failed(error.status_code, str(error.detail))

        return told


def _failed(code: int, message: str) -> JSONResponse:
    errors = [{"code": code, "msg": message}]
    return JSONResponse({"data": None, "total": 0, "limit": 0, "offset": 0, "errors": errors}, code)


def _told(mistake: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in mistake["loc"][1:])
    return f"{place}: {mistake['msg']}" if place else str(mistake["msg"])
