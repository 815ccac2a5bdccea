"""Labels: what tells the alerts of a rule apart, and what policies match."""

import hashlib
from collections.abc import Mapping

Labels = tuple[tuple[str, str], ...]
"""Names and values, by name, each name once."""


def labels_of(values: Mapping[str, str]) -> Labels:
    return tuple(sorted(values.items()))


def fingerprint(labels: Labels) -> str:
    """16 hexadecimal digits that are the same for the same labels only; empty for none."""
    if not labels:
        return ""
    digest = hashlib.blake2b(digest_size=8)
    for pair in labels:
        for text in pair:
            data = text.encode()
            digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()
