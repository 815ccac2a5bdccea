"""One HTTP connection of a sender: how long it may take for a request's head, and how old it may become."""

from collections.abc import Callable
from random import uniform
from typing import Any

from receiver.answers import refusal_json
from receiver.refusals import Invalid, WrongPort
from server.http_head import BoundedHead

HTTP2 = b"PRI * HTTP/2.0\r\n"


class BoundedConnection(BoundedHead):
    """After about `max_age` seconds the next answer closes it, so that long-lived senders spread over the receivers.

    What is no HTTP/1 is told to `refused`.
    """

    def __init__(self, max_age: float, grpc_port: int, refused: Callable[[Invalid], None], **arguments: Any) -> None:
        super().__init__(**arguments)
        self._grpc_port = grpc_port
        self._refused = refused
        # Spread, or senders that came together would all come again at once.
        self._retires_at = self.loop.time() + max_age * uniform(0.9, 1.1)

    def data_received(self, data: bytes) -> None:
        if self.cycle is None and data.startswith(HTTP2):
            self._refused(WrongPort(f"gRPC at the port for HTTP; port {self._grpc_port} takes it"))
            self.transport.close()
            return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.loop.time() >= self._retires_at:
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        if self._head_too_large:
            super().send_400_response(msg)
            return
        refused = Invalid(msg)
        self._refused(refused)
        body = refusal_json(refused)
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(head.encode() + b"connection: close\r\n\r\n" + body)
        self.transport.close()
