"""The metrics of a receiver take a caller too: by the admin token or a key of the API, since it knows no sessions."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from access.keys.key_text import new_key
from access.keys.ring import Key, KeyRing
from access.people.policy import Mode, Policy
from server.callers import Programs, key_on
from server.gate import Gate
from server.http_server import HttpServer, shared_socket
from server.metering import Metering
from server.metrics_page import PATH, receivers_page
from server.settings import Settings
from tests.signing_in import ADMIN_TOKEN

KEYS = {scope: new_key() for scope in ("read", "logs")}


@pytest.fixture(params=["accounts", "proxy"])
async def receiver(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    ring = KeyRing()
    keys = [Key(key.id, scope, key.digest, frozenset({scope}), None, None) for scope, (key, _) in KEYS.items()]
    ring.replace(keys)
    programs = Programs(Policy(Mode(request.param)), SecretStr(ADMIN_TOKEN), key_on(ring))
    listener = shared_socket("127.0.0.1", 0)
    server = HttpServer(
        Gate(receivers_page(Metering(), {}), Settings(), programs),
        lambda refused: None,
        grpc_port=4317,
        drain_seconds=1,
        connection_age=600,
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    host, port = listener.getsockname()
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}") as client:
        yield client
    server.should_exit = True
    await serving


async def test_only_who_may_read_the_api_reads_them(receiver: httpx.AsyncClient) -> None:
    async def status(**headers: str) -> int:
        return (await receiver.get(PATH, headers=headers)).status_code

    assert await status(authorization=f"Bearer {ADMIN_TOKEN}") == 200
    assert await status(authorization=f"Bearer {KEYS['read'][1]}") == 200
    assert await status(authorization=f"Bearer {KEYS['logs'][1]}") == 401
    assert await status() == 401
    assert await status(cookie="otelgres_session=x") == 401
    assert await status(**{"x-user-email": "adam@example.com"}) == 401
