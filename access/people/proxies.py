"""Reverse proxies that are trusted: what they, and nobody else, may say of the request that they pass on."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import HTTPConnection

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
ENCRYPTED = frozenset({"https", "wss"})


class Spoofed(Exception):
    """The request says who it is from, and nobody who may say so passed it on."""


@dataclass(frozen=True, slots=True)
class Proxies:
    """trusted: the networks that proxies connect from. header: in which they name the person, if they do."""

    trusted: tuple[Network, ...] = ()
    header: str | None = None

    def address(self, connection: HTTPConnection) -> str:
        """The client's address: of those that were passed through the last that is no proxy of ours."""
        peer = _peer(connection)
        passed = [part.strip() for value in connection.headers.getlist("x-forwarded-for") for part in value.split(",")]
        while passed and self._trusts(peer):
            peer = passed.pop()
        return peer[:100]

    def is_secure(self, connection: HTTPConnection) -> bool:
        """Whether the client's connection is encrypted, as far as it is known."""
        said = connection.headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
        return connection.scope["scheme"] in ENCRYPTED or (said in ENCRYPTED and self._trusts(_peer(connection)))

    def person(self, connection: HTTPConnection) -> str | None:
        """Who the proxy says it is. Spoofed: somebody else says so, or it is said twice."""
        said = connection.headers.getlist(self.header) if self.header else []
        if not said:
            return None
        if len(said) > 1 or not self._trusts(_peer(connection)):
            raise Spoofed
        return said[0]

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = parsed.ipv4_mapped if parsed.version == 6 else None
        return any((mapped or parsed) in network for network in self.trusted)


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """From texts like `10.0.0.7` or `10.0.0.0/8`; ValueError for what is neither."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def _peer(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""
