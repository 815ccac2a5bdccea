"""Network addresses, as they come in a connection and in what proxies say of it."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
SUBSCRIBER_BITS = 64
"""A subscriber of IPv6 has at least a network of so many leading bits, and any address in it."""


def read_address(text: str) -> Address | None:
    """Of an address as it stands alone, before a port, or in brackets; None for what is none.

    An IPv4 address within IPv6 is one of IPv4; a zone is left out.
    """
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if address.version == 6 else None
    return mapped or address


def network_of(text: str) -> str:
    """What stands for all addresses of one subscriber; the text itself where it is no address."""
    address = read_address(text)
    if address is None or address.version == 4:
        return text if address is None else str(address)
    return str(ipaddress.ip_network((address, SUBSCRIBER_BITS), strict=False))
