"""Snappy's block format."""

import cramjam
from opentelemetry.exporter.postgres.wire import DecodeError, read_varint

from receiver.refusals import Invalid, TooLarge


def unsnapped(block: bytes, limit: int) -> bytes:
    """The content of one block. Raises TooLarge beyond `limit` bytes, before it takes any memory, and Invalid."""
    try:
        size, _ = read_varint(block, 0, len(block))
        if size > limit:
            raise TooLarge(f"the request is larger than {limit} bytes when decompressed")
        return bytes(cramjam.snappy.decompress_raw(block))
    except (cramjam.DecompressionError, DecodeError) as error:
        raise Invalid(f"the snappy data is damaged: {error}") from None
