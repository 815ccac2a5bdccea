"""Reverse proxies that are trusted: what they, and nobody else, may say of the request that they pass on."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from access.people.addresses import Address, read_address

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
        """The client's address: of those that were passed through the last that is no proxy of ours.

        What a proxy says that is no address says nothing; the client is then as near as was known.
        """
        address = _peer(connection)
        passed = [part for value in connection.headers.getlist("x-forwarded-for") for part in value.split(",")]
        while passed and self._trusts(address) and (said := read_address(passed.pop())) is not None:
            address = said
        return "" if address is None else str(address)

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

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self.trusted)


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """From texts like `10.0.0.7` or `10.0.0.0/8`; ValueError for what is neither."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def _peer(connection: HTTPConnection) -> Address | None:
    return read_address(connection.client.host) if connection.client else None
