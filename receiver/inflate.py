"""Decompression that never holds more than it was allowed to."""

import zlib
from collections.abc import Iterator

from receiver.refusals import Invalid, TooLarge, UnsupportedMedia

STEP = 1 << 20
_SLICE = 1 << 16
MAX_MEMBERS = 10_000
"""Of one gzip file. A member of nothing takes 20 bytes: without a bound the smallest ones would keep us busy."""

_WINDOW = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
ACCEPTED = ", ".join(_WINDOW)


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """The content of `body`. Raises TooLarge beyond `limit` bytes, Invalid for damaged or cut data."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return body
    window = _WINDOW.get(name)
    if window is None:
        raise UnsupportedMedia(f"Content-Encoding {encoding[:100]!r} is not supported; send {ACCEPTED} or none")
    parts: list[bytes] = []
    size = 0
    try:
        for part in _members(body, window):
            size += len(part)
            if size > limit:
                raise TooLarge(f"the request is larger than {limit} bytes when decompressed")
            parts.append(part)
    except zlib.error as error:
        raise Invalid(f"the {name} data is damaged: {error}") from None
    return b"".join(parts)


def _members(body: bytes, window: int) -> Iterator[bytes]:
    """The content in steps; gzip files may hold several members."""
    rest = memoryview(body)
    members = 0
    while rest:
        members += 1
        if members > MAX_MEMBERS:
            raise Invalid(f"the compressed data has more than {MAX_MEMBERS} members")
        stream = zlib.decompressobj(window)
        while not stream.eof:
            given = rest[:_SLICE]
            part = stream.decompress(given, STEP)
            rest = rest[len(given) - len(stream.unconsumed_tail) - len(stream.unused_data) :]
            if not part and not given and not stream.eof:
                raise Invalid("the compressed data ends too early")
            yield part
