"""What senders and their network do: answers lost, crowds, one that trickles."""

import asyncio
import time
from contextlib import suppress

from tests.cutting_proxy import CuttingProxy
from tests.faults.scenario import Trial

CROWD_CONNECTIONS = 125
"""Of each stream: 500 in all."""
_TRICKLERS = 40
_TRICKLE_SECONDS = 0.25
_HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: otelgres\r\nContent-Type: application/x-protobuf\r\n"
_BODY = _HEAD + b"Content-Length: 1000000\r\n\r\n"
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


async def answers_lost(trial: Trial) -> str:
    """A sender's connections break while it waits for answers: what it sends again is often stored already."""
    process = trial.stage.process

    async def reached(said: bytes) -> bool:
        return trial.rng.random() < 0.5

    def to(port: int) -> CuttingProxy:
        return CuttingProxy(lambda: asyncio.open_connection("127.0.0.1", port), reached)

    async with to(process.otlp_grpc_port) as grpc, to(process.otlp_http_port) as http:
        sender = await trial.load.add(grpc_port=grpc.port, http_port=http.port)
        deadline = time.monotonic() + trial.seconds
        while time.monotonic() < deadline:
            grpc.arm()
            http.arm()
            await asyncio.sleep(trial.rng.uniform(0.02, 0.2))
        await sender.stop()
    return f"{grpc.cuts + http.cuts} cuts"


async def crowd(trial: Trial) -> str:
    """500 connections come up at once, each with a request."""
    sender = await trial.load.add(connections=CROWD_CONNECTIONS, at_once=True)
    since = time.monotonic()
    wanted = CROWD_CONNECTIONS * sender.plan.items
    while min(sender.acknowledged.values()) < wanted:
        if time.monotonic() - since > sender.plan.patience:
            raise TimeoutError("the crowd was not served")
        await sender.report()
    served = time.monotonic() - since
    await asyncio.sleep(max(0, trial.seconds - served))
    await sender.stop()
    return f"all served after {served:.1f} s"


async def trickle(trial: Trial) -> str:
    """Senders that send a byte now and then: a head, a body, the beginning of HTTP/2."""
    process = trial.stage.process
    ways = (
        (process.otlp_http_port, _HEAD[:1], _HEAD[1:] * 100),
        (process.otlp_http_port, _BODY, bytes(1000)),
        (process.otlp_grpc_port, _PREFACE[:1], _PREFACE[1:] + _SETTINGS * 100),
    )
    tricklers = [
        asyncio.create_task(_trickled(*ways[number % len(ways)], trial.seconds)) for number in range(_TRICKLERS)
    ]
    ended = [seconds for seconds in await asyncio.gather(*tricklers) if seconds is not None]
    first = f", the first after {min(ended):.0f} s" if ended else ""
    return f"{len(ended)} of {_TRICKLERS} were hung up on{first}"


async def _trickled(port: int, begin: bytes, rest: bytes, seconds: float) -> float | None:
    """Seconds until the server hung up; None if it did not within `seconds`."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    since = time.monotonic()
    hung_up = asyncio.create_task(_end_of(reader))
    try:
        writer.write(begin)
        for byte in rest:
            if hung_up.done() or time.monotonic() - since > seconds:
                break
            writer.write(bytes((byte,)))
            await asyncio.wait([hung_up], timeout=_TRICKLE_SECONDS)
        return time.monotonic() - since if hung_up.done() else None
    finally:
        hung_up.cancel()
        writer.transport.abort()


async def _end_of(reader: asyncio.StreamReader) -> None:
    with suppress(OSError):
        while await reader.read(4096):
            pass
