"""The chat, over HTTP and WebSocket. `python -m examples.rag_app.app`"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse
from opentelemetry import trace
from pydantic import BaseModel, Field

from examples.rag_app import telemetry
from examples.rag_app.caller import identify, tell_caller
from examples.rag_app.chat import Answer, Chat
from examples.rag_app.generator import GeneratorError, StubGenerator
from examples.rag_app.search_client import SearchClient, SearchError
from examples.rag_app.settings import Settings
from examples.rag_app.telemetry import Telemetry
from examples.rag_app.websocket import ChatSession

# Run as a program this module is called __main__, which would say nothing as the name of a logger.
logger = logging.getLogger(f"{__package__}.app")


class Question(BaseModel):
    message: str = Field(min_length=1, max_length=2000)


class ToldAlready(logging.Filter):
    """Drops uvicorn's second report, outside the request's span, of an error that fail() has logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not getattr(error, "__notes__", None)


async def fail(request: Request, error: Exception) -> JSONResponse:
    """Answers an unhandled error with 500 and logs it with the trace of its request."""
    span_context = trace.get_current_span().get_span_context()
    error.add_note(f"trace_id {trace.format_trace_id(span_context.trace_id)}")
    logger.error("unhandled error in %s %s", request.method, request.url.path, exc_info=error)
    return JSONResponse({"detail": "Internal Server Error"}, status_code=500)


def create_app(settings: Settings, exporting: Telemetry) -> FastAPI:
    http = httpx.AsyncClient(base_url=settings.retrieval_url, timeout=10)
    chat = Chat(SearchClient(http), StubGenerator(settings))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with http:
            yield
        await asyncio.to_thread(exporting.stop)

    app = FastAPI(title="Chat over a small corpus", lifespan=lifespan, exception_handlers={Exception: fail})

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/chat")
    async def ask(question: Question) -> Answer:
        try:
            return await chat.ask(question.message)
        except (SearchError, GeneratorError) as error:
            logger.exception("question failed")
            raise HTTPException(502, str(error)) from error

    @app.get("/broken")
    async def broken() -> None:
        """Always fails, to show what an unhandled error looks like."""
        raise RuntimeError("nobody handles this")

    @app.websocket("/ws/{session_id}")
    async def converse(socket: WebSocket, session_id: str) -> None:
        await ChatSession(socket, chat, session_id).run()

    # A span for the whole connection would make all of its messages one trace.
    telemetry.instrument(app, request_hook=identify, excluded_urls="^wss?://[^/]+/ws/")
    return app


def main() -> None:
    settings = Settings()
    exporting = telemetry.start("rag-app", log_hook=tell_caller)
    logging.getLogger("uvicorn.error").addFilter(ToldAlready())
    uvicorn.run(
        create_app(settings, exporting),
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
