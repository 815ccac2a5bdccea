"""Otelgres, the chat in its two processes, and traffic, all at once. `python -m examples.rag_app.demo`

With OTEL_EXPORTER_OTLP_ENDPOINT set, telemetry goes there and no server is started.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from typing import IO, Any

from examples.rag_app import traffic
from examples.rag_app.processes import StartError, module
from examples.rag_app.server_process import Address, otelgres
from examples.rag_app.settings import Settings
from examples.rag_app.traffic import Traffic

_REPORT_SECONDS = 10
_TAIL_BYTES = 4000
# Shorter than the SDKs' defaults of 5 s, 1 s and 60 s, so that things appear at once.
_DELAYS = {
    "OTEL_BSP_SCHEDULE_DELAY": "500",
    "OTEL_BLRP_SCHEDULE_DELAY": "500",
    "OTEL_METRIC_EXPORT_INTERVAL": "5000",
}


async def demo(people: int, pause: float, seconds: float | None) -> None:
    """Runs until cancelled, or for so many seconds. Raises StartError also when a part ends by itself."""
    settings = Settings()
    chat_url = f"http://{settings.host}:{settings.port}"
    environment = {"OTEL_SEMCONV_STABILITY_OPT_IN": "http", **_DELAYS}
    children = {}
    pages = None
    with tempfile.TemporaryFile() as output:
        async with AsyncExitStack() as stack:
            if "OTEL_EXPORTER_OTLP_ENDPOINT" not in os.environ:
                address = Address.from_environment()
                children["otelgres"] = await stack.enter_async_context(otelgres(address))
                environment |= address.exporter_environment()
                pages = address.pages
            for name, port in (("retrieval", settings.retrieval_port), ("app", settings.port)):
                part = module(f"{__package__}.{name}", settings.host, port, env=environment, output=output)
                try:
                    children[name] = await stack.enter_async_context(part)
                except StartError as error:
                    raise StartError(f"{error}\n{_tail(output)}") from None
            _say_where(chat_url, pages)
            visitors = Traffic(chat_url, people, pause)
            ended = await _first(
                {
                    "traffic": visitors.run(),
                    "report": _report(visitors),
                    "time": asyncio.sleep(seconds or float("inf")),
                    **{name: child.wait() for name, child in children.items()},
                }
            )
            if ended != "time":
                raise StartError(f"{ended} ended by itself\n{_tail(output)}")


async def _first(parts: dict[str, Coroutine[Any, Any, object]]) -> str:
    """The name of the part that ends first; the others are cancelled. Raises what that part raises."""
    tasks = [asyncio.create_task(part, name=name) for name, part in parts.items()]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        first = done.pop()
        first.result()
        return first.get_name()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _report(visitors: Traffic) -> None:
    while True:
        await asyncio.sleep(_REPORT_SECONDS)
        counts = visitors.counts
        print(
            f"{counts.requests} requests, {counts.messages} WebSocket messages, {counts.failed} failed; "
            f"newest trace {counts.newest_trace_id}",
            flush=True,
        )


def _say_where(chat_url: str, pages: str | None) -> None:
    lines = ["", "The demo is running: a chat, its retrieval service, and people who use them."]
    if pages:
        lines += [
            f"  traces and logs as they come   {pages}/",
            f"  the same as JSON               {pages}/api/observability/traces?limit=5",
        ]
    lines += [
        "  ask something yourself, and look for the trace that X-Trace-ID names:",
        f"    curl -i {chat_url}/chat -H 'X-User-Email: you@example.com' \\",
        "      -H 'Content-Type: application/json' -d '{\"message\": \"How does a trace travel?\"}'",
        "Ctrl-C stops everything.",
        "",
    ]
    print("\n".join(lines), flush=True)


def _tail(output: IO[bytes]) -> str:
    output.seek(0, os.SEEK_END)
    output.seek(max(0, output.tell() - _TAIL_BYTES))
    return output.read().decode(errors="replace")


async def _until_signalled(work: Coroutine[Any, Any, None]) -> None:
    """Ends the work in order at the first signal; further ones do not disturb that."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            print("\nstopping …", flush=True)
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    with suppress(asyncio.CancelledError):
        await task


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.rag_app.demo", description=__doc__)
    traffic.add_arguments(parser)
    options = parser.parse_args()
    try:
        asyncio.run(_until_signalled(demo(options.people, options.pause, options.seconds)))
    except StartError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
