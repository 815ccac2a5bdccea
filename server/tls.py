"""TLS for every port, by files that are read anew when they change.

Connections that are there stay as they are; each new one is shown the newest certificate.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

from server.errors import SettingsError
from server.settings import Settings

LOOK_SECONDS = 1.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files. client_ca: of whom senders must have a certificate; None where they need none."""

    cert: Path
    key: Path
    client_ca: Path | None = None

    def context(self, *, asks_clients: bool) -> ssl.SSLContext:
        """A server's context of TLS 1.2 at least. Raises SettingsError for files that do not do."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        self._load_chain(context)
        if asks_clients and self.client_ca is not None:
            try:
                context.load_verify_locations(self.client_ca)
            except OSError as error:
                raise SettingsError(f"OTELGRES_TLS_CLIENT_CA={self.client_ca}: {_reason(error)}") from None
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _load_chain(self, context: ssl.SSLContext) -> None:
        try:
            # Without a password of our own OpenSSL would ask for one at the terminal.
            context.load_cert_chain(self.cert, self.key, password=b"")
        except OSError as error:
            raise SettingsError(
                f"OTELGRES_TLS_CERT={self.cert} and OTELGRES_TLS_KEY={self.key}: {_reason(error)}"
            ) from None

    @property
    def stamp(self) -> list[tuple[int, int, int]]:
        """What differs once a file was written or replaced. Raises OSError."""
        found = [path.stat() for path in (self.cert, self.key, self.client_ca) if path is not None]
        return [(file.st_mtime_ns, file.st_ino, file.st_size) for file in found]


def files_of(settings: Settings) -> TlsFiles | None:
    """None where the ports have no TLS."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    return TlsFiles(settings.tls_cert, settings.tls_key, settings.tls_client_ca)


def check(settings: Settings) -> None:
    """Raises SettingsError for files that do not do."""
    files = files_of(settings)
    if files is not None:
        files.context(asks_clients=True)


class RenewedContext(ssl.SSLContext):
    """What a server is given once: each new connection is made in a context of what was in the files last.

    Another certificate can be loaded into a context that serves, but no authority can be taken from it; nor would it
    forget its sessions, which are resumed without the certificate of the client.
    """

    def __new__(cls, *_: object, **__: object) -> Self:
        return super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)

    def __init__(self, files: TlsFiles, *, asks_clients: bool) -> None:
        """Raises SettingsError."""
        self._read = partial(files.context, asks_clients=asks_clients)
        self._newest = self._read()

    def renew(self) -> None:
        """Raises SettingsError, and then nothing has changed."""
        self._newest = self._read()

    def wrap_bio(self, *given: Any, **named: Any) -> ssl.SSLObject:
        """Asyncio and uvloop call it for each connection."""
        return self._newest.wrap_bio(*given, **named)


@asynccontextmanager
async def watched(files: TlsFiles, renew: Sequence[Callable[[], None]]) -> AsyncIterator[None]:
    """Calls all of `renew` within a second or two of a change of the files, if what is in them does."""
    task = asyncio.create_task(_watch(files, renew, files.stamp))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _watch(files: TlsFiles, renew: Sequence[Callable[[], None]], known: list[tuple[int, int, int]]) -> None:
    told = False
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            found = files.stamp
            if found == known:
                continue
            # Files are replaced one by one, and gRPC says nothing of a pair that does not fit: tried aside first.
            files.context(asks_clients=True)
            for each in renew:
                each()
        except (OSError, SettingsError) as error:
            if not told:
                _log.warning("the certificate stays as it was: %s", error)
            told = True
        else:
            known, told = found, False
            _log.info("the certificate was read anew")


def _reason(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"not a certificate in PEM and the key without password that goes with it ({error.reason})"
    return error.strerror or str(error)
