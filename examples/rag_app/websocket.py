"""Chat over a WebSocket: each message is a trace of its own."""

import logging
from typing import Annotated, Literal

from fastapi import WebSocket, WebSocketDisconnect
from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from examples.rag_app.caller import Caller
from examples.rag_app.chat import Chat

logger = logging.getLogger(__name__)
tracer = trace.get_tracer(__name__)


class Verify(BaseModel):
    """Says who is at the other end, for this message and the following ones."""

    type: Literal["verify"]
    email: str = Field(max_length=255)
    division: str | None = Field(default=None, max_length=50)


class Message(BaseModel):
    type: Literal["message"]
    text: str = Field(min_length=1, max_length=2000)


class Invalid(BaseModel):
    """Stands for whatever is neither of the others."""

    type: Literal["invalid"] = "invalid"
    reason: str


_INCOMING: TypeAdapter[Verify | Message] = TypeAdapter(Annotated[Verify | Message, Field(discriminator="type")])


class ChatSession:
    """One connection. Every reply is one JSON object and carries the trace_id of its message."""

    def __init__(self, socket: WebSocket, chat: Chat, session_id: str) -> None:
        self._socket = socket
        self._chat = chat
        self._caller = Caller(session_id=session_id)

    async def run(self) -> None:
        """Answers messages in order until the client goes."""
        await self._socket.accept()
        try:
            while (event := await self._socket.receive())["type"] == "websocket.receive":
                await self._socket.send_json(await self._handle(event.get("text") or event.get("bytes") or b""))
        except WebSocketDisconnect:
            logger.info("the client left before its answer")

    async def _handle(self, payload: str | bytes) -> dict[str, object]:
        message = _parse(payload)
        if isinstance(message, Verify):
            self._caller = Caller(message.email, message.division, self._caller.session_id)
        endpoint = f"/ws/{message.type}"
        attributes = {
            "http.route": endpoint,
            "url.scheme": "ws",
            "url.path": self._socket.url.path,
            "network.protocol.name": "websocket",
            **self._caller.attributes(),
        }
        fresh = Context()
        token = context.attach(self._caller.within(fresh, endpoint))
        try:
            with tracer.start_as_current_span(
                endpoint, context=fresh, kind=SpanKind.SERVER, attributes=attributes
            ) as span:
                trace_id = trace.format_trace_id(span.get_span_context().trace_id)
                return {**await self._reply(message), "trace_id": trace_id}
        finally:
            context.detach(token)

    async def _reply(self, message: Verify | Message | Invalid) -> dict[str, object]:
        match message:
            case Verify():
                logger.info("verified")
                return {"type": "verified", "email": message.email}
            case Invalid():
                logger.warning("message refused: %s", message.reason)
                trace.get_current_span().set_status(StatusCode.ERROR, message.reason)
                return {"type": "error", "detail": message.reason}
        try:
            answer = await self._chat.ask(message.text)
        except Exception as error:
            logger.exception("message failed")
            trace.get_current_span().set_status(StatusCode.ERROR, str(error))
            return {"type": "error", "detail": "no answer could be made"}
        return {"type": "answer", **answer.model_dump()}


def _parse(payload: str | bytes) -> Verify | Message | Invalid:
    try:
        return _INCOMING.validate_json(payload)
    except ValidationError as error:
        return Invalid(reason="; ".join(detail["msg"] for detail in error.errors()))
