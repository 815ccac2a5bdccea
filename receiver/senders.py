"""Who sent a request, as far as fairness needs to know."""

import re

LOOKED_AT = 4096
"""Bytes of a request. The resource, which names the service, comes first in what every SDK sends."""
_NAME = b"service.name"
_IN_JSON = re.compile(rb'"service\.name"\s*,\s*"value"\s*:\s*\{\s*"stringValue"\s*:\s*"([^"]{0,100})"')


def sender_of(peer: str, body: bytes) -> str:
    """The peer's address and the name of the first service, as far as a glance at the bytes tells it.

    It is no proof of anything: who wants more than their share can send under many names.
    """
    at = body.find(_NAME, 0, LOOKED_AT)
    if at < 0:
        return peer
    if body[at - 1 : at] == b'"':
        found = _IN_JSON.match(body, at - 1)
        return f"{peer} {found[1].decode(errors='replace')}" if found else peer
    # KeyValue.value, its length, AnyValue.string_value, its length, all in one byte each for names up to 125 bytes.
    value = at + len(_NAME)
    if body[value : value + 1] != b"\x12" or body[value + 2 : value + 3] != b"\x0a":
        return peer
    return f"{peer} {body[value + 4 : value + 4 + body[value + 3]].decode(errors='replace')}"
