"""Metrics of the receivers, offered on unix sockets: they share their ports, so none of them can be asked by HTTP."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

DIRECTORY_VARIABLE = "OTELGRES_METRICS_DIR"
WORKER_VARIABLE = "OTELGRES_WORKER"
SUFFIX = ".sock"
END = b"# EOF\n"
"""After the text, to which it is a comment: what ends without it was cut."""


def prepare(directory: Path) -> None:
    """Makes the directory, which only we can enter, and removes what a killed predecessor left there."""
    directory.mkdir(mode=0o700, exist_ok=True)
    for left in directory.iterdir():
        left.unlink()


@asynccontextmanager
async def offered(path: Path, text: Callable[[], bytes]) -> AsyncIterator[None]:
    """Writes the text to whoever connects, and closes. A later process MAY take the path over."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(text() + END)
            await writer.drain()
        writer.close()

    # Renamed into place: while one process follows another, the path always leads to one that answers.
    own = path.with_name(f"{path.name}.{os.getpid()}")
    server = await asyncio.start_unix_server(answer, own)
    own.rename(path)
    try:
        yield
    finally:
        server.close()


async def collected(directory: Path, seconds: float) -> tuple[dict[str, str], int]:
    """The texts by name of their worker, and how many workers did not answer within that time."""
    paths = _sockets(directory)
    texts = await asyncio.gather(*(_asked(path, seconds) for path in paths))
    answered = {path.name.removesuffix(SUFFIX): text for path, text in zip(paths, texts, strict=True) if text}
    return answered, len(paths) - len(answered)


def _sockets(directory: Path) -> list[Path]:
    return sorted(directory.glob(f"*{SUFFIX}"))


async def _asked(path: Path, seconds: float) -> str:
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                text = await reader.read()
            finally:
                writer.close()
    except OSError:
        return ""
    return text.decode() if text.endswith(END) else ""


@asynccontextmanager
async def offering(text: Callable[[], bytes], environment: Mapping[str, str]) -> AsyncIterator[None]:
    """Offers the metrics of this receiver, by its number, if it is supervised."""
    directory = directory_of(environment)
    if directory is None:
        yield
        return
    async with offered(directory / f"{environment[WORKER_VARIABLE]}{SUFFIX}", text):
        yield


def directory_of(environment: Mapping[str, str]) -> Path | None:
    """Where the receivers of this Otelgres offer their metrics; None in a process that nobody supervises."""
    directory = environment.get(DIRECTORY_VARIABLE)
    return Path(directory) if directory else None
