"""Blocks of snappy, and no more memory than was allowed."""

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.refusals import Invalid, TooLarge
from receiver.translation.snappy import unsnapped
from tests.loki_push import snapped

LIMIT = 1 << 20
BOMB = b"\x80\x80\x80\x01\x00a" + b"\xfe\x01\x00" * 32_768
"""2 MiB of the letter a, or nearly, by 96 kB."""


@given(st.binary(max_size=5_000))
def test_content_comes_back(content: bytes) -> None:
    assert unsnapped(snapped(content), LIMIT) == content


def test_as_much_as_is_allowed() -> None:
    content = random.Random(1).randbytes(LIMIT)
    assert unsnapped(snapped(content), LIMIT) == content
    with pytest.raises(TooLarge, match=f"larger than {LIMIT - 1} bytes"):
        unsnapped(snapped(content), LIMIT - 1)


@pytest.mark.parametrize("told", [2 * LIMIT, 2**31, 2**32 - 1, 2**62])
def test_what_tells_of_more_takes_no_memory(told: int) -> None:
    prefix = bytearray()
    while told > 0x7F:
        prefix.append(told & 0x7F | 0x80)
        told >>= 7
    body = bytes((*prefix, told)) + BOMB[4:]
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            unsnapped(body, LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 50_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x80",
        b"\xff" * 11,
        b"\x05",
        b"\x05\x10hello, and more than that",
        b"\x0a" + BOMB[4:],
        b"\x05\xfe\x01\x00",
        snapped(b"spans and logs " * 100)[:-1],
        b"\x8c\x80\x80\x80\x80\x80\x80\x80\x80\x00a",
    ],
)
def test_damaged(body: bytes) -> None:
    with pytest.raises(Invalid, match="the snappy data is damaged"):
        unsnapped(body, LIMIT)


@given(st.binary(max_size=200))
def test_whatever_bytes(body: bytes) -> None:
    try:
        content = unsnapped(body, 1000)
    except (Invalid, TooLarge):
        return
    assert len(content) <= 1000
