"""Zipkin's endpoints as attributes of a span."""

from collections.abc import Mapping
from typing import Any

from receiver.json_values import integer


def attributes_of(local: Mapping[str, Any], remote: Mapping[str, Any]) -> dict[str, Any]:
    """Addresses and ports of both sides, and the name of the other one."""
    found = {
        "network.local.address": _address(local),
        "network.local.port": _port(local),
        "network.peer.address": _address(remote),
        "network.peer.port": _port(remote),
        "peer.service": _text(remote, "serviceName"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _address(endpoint: Mapping[str, Any]) -> str | None:
    return _text(endpoint, "ipv4") or _text(endpoint, "ipv6")


def _text(endpoint: Mapping[str, Any], name: str) -> str | None:
    value = endpoint.get(name)
    return value if isinstance(value, str) and value else None


def _port(endpoint: Mapping[str, Any]) -> int | None:
    port = integer(endpoint.get("port"))
    return port if port is not None and 0 < port < 1 << 16 else None
