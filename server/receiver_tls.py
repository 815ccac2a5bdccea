"""TLS of a receiver's two ports, whose certificate can be replaced while it serves."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import grpc

from server import tls
from server.settings import Settings
from server.tls import RenewedContext, TlsFiles


class ReceiverTls(NamedTuple):
    """What the ports need for TLS; None: they have none."""

    grpc: grpc.ServerCredentials | None
    http: ssl.SSLContext | None


@asynccontextmanager
async def receiver_tls(settings: Settings) -> AsyncIterator[ReceiverTls]:
    """Follows the files of the settings until the end. Raises SettingsError."""
    files = tls.files_of(settings)
    if files is None:
        yield ReceiverTls(None, None)
        return
    for_http = RenewedContext(files, asks_clients=True)
    for_grpc = GrpcTls(files)
    async with tls.watched(files, [for_http.renew, for_grpc.renew]):
        yield ReceiverTls(for_grpc.credentials, for_http)


class GrpcTls:
    """gRPC takes TLS 1.2 at least by itself."""

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._next: grpc.ServerCertificateConfiguration | None = None
        self.credentials: grpc.ServerCredentials = grpc.dynamic_ssl_server_credentials(
            self._read(), self._take_next, require_client_authentication=files.client_ca is not None
        )

    def renew(self) -> None:
        """New connections are shown what is in the files now."""
        self._next = self._read()

    def _read(self) -> grpc.ServerCertificateConfiguration:
        client_ca = self._files.client_ca
        return grpc.ssl_server_certificate_configuration(
            [(self._files.key.read_bytes(), self._files.cert.read_bytes())],
            None if client_ca is None else client_ca.read_bytes(),
        )

    def _take_next(self) -> grpc.ServerCertificateConfiguration | None:
        """Called by a thread of gRPC before each handshake; None leaves everything as it is."""
        found, self._next = self._next, None
        return found
