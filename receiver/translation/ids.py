"""Ids of traces and spans as hex, which may lack leading zeros: older tracers have traces of 64 bits."""

import re
from collections.abc import Mapping
from typing import Any

from receiver.json_values import BadItem

_HEX = re.compile("[0-9a-fA-F]+")


def id_of(item: Mapping[str, Any], name: str, size: int, *, required: bool = True) -> bytes:
    """`size` bytes; empty where the id may be missing and is, or is all zero. Raises BadItem."""
    value = item.get(name)
    if not required and value in (None, ""):
        return b""
    if isinstance(value, str) and len(value) <= 2 * size and _HEX.fullmatch(value):
        raw = bytes.fromhex(value.zfill(2 * size))
        if any(raw):
            return raw
        if not required:
            return b""
    zero = ", not all zero" if required else ""
    raise BadItem(f"{name} must be 1 to {2 * size} hex digits{zero}")


def take_id(values: dict[str, Any], names: tuple[str, ...], size: int) -> bytes:
    """The id under the first of `names`, in any case, that has one in full; it leaves `values`. Empty for none.

    A trace's id may have half its length.
    """
    for name, value in values.items():
        if name.lower() in names and isinstance(value, str) and len(value) in (2 * size, 16) and _HEX.fullmatch(value):
            raw = bytes.fromhex(value.zfill(2 * size))
            if any(raw):
                del values[name]
                return raw
    return b""
