"""Every coding that senders use, and no more memory than was allowed."""

import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.inflate import MAX_MEMBERS, STEP, inflate
from receiver.refusals import Invalid, TooLarge, UnsupportedMedia

CONTENT = b"spans and logs " * 1000
LIMIT = 1 << 20
CODED = {"gzip": gzip.compress(CONTENT), "deflate": zlib.compress(CONTENT), "identity": CONTENT, "": CONTENT}


@pytest.mark.parametrize(("encoding", "body"), CODED.items(), ids=CODED)
def test_codings(encoding: str, body: bytes) -> None:
    assert inflate(body, encoding, LIMIT) == CONTENT
    assert inflate(body, f" {encoding.upper()} ", LIMIT) == CONTENT


@given(st.lists(st.binary(max_size=100), max_size=5), st.sampled_from(["gzip", "deflate"]))
def test_several_members_are_one_content(contents: list[bytes], encoding: str) -> None:
    compress: Callable[[bytes], bytes] = gzip.compress if encoding == "gzip" else zlib.compress
    body = b"".join(compress(content) for content in contents)
    assert inflate(body, encoding, LIMIT) == b"".join(contents)


def test_content_that_does_not_shrink_comes_back_across_slices_and_steps() -> None:
    content = random.Random(1).randbytes(3 * STEP + 17)
    for body in (gzip.compress(content, 1), gzip.compress(content[:STEP]) + gzip.compress(content[STEP:])):
        assert inflate(body, "gzip", len(content)) == content


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("size", [1, STEP - 1, STEP, STEP + 1, 3 * STEP])
def test_the_limit_is_exact(encoding: str, size: int) -> None:
    body = (gzip.compress if encoding == "gzip" else zlib.compress)(bytes(size))
    assert len(inflate(body, encoding, size)) == size
    with pytest.raises(TooLarge, match="decompressed"):
        inflate(body, encoding, size - 1)


def test_the_limit_holds_for_all_members_together() -> None:
    body = gzip.compress(bytes(600)) * 2
    assert len(inflate(body, "gzip", 1200)) == 1200
    with pytest.raises(TooLarge):
        inflate(body, "gzip", 1199)


@pytest.mark.parametrize("encoding", ["zstd", "snappy", "br", "gzip, gzip", "x-gzip2"])
def test_unknown_codings_are_told_what_would_be_taken(encoding: str) -> None:
    with pytest.raises(UnsupportedMedia, match="gzip, deflate"):
        inflate(CONTENT, encoding, LIMIT)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_damaged_data_is_refused(encoding: str) -> None:
    body = CODED[encoding]
    checksum = body[:-6] + bytes((body[-6] ^ 1,)) + body[-5:]
    for damaged in (CONTENT, b"\x00" + body[1:], body[:20] + b"\xff\xff\xff" + body[23:], body + b"more", checksum):
        with pytest.raises(Invalid):
            inflate(damaged, encoding, LIMIT)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_data_cut_anywhere_is_refused(encoding: str) -> None:
    body = CODED[encoding]
    for size in range(1, len(body)):
        with pytest.raises(Invalid):
            inflate(body[:size], encoding, LIMIT)


def test_a_member_cut_behind_whole_ones_is_refused() -> None:
    with pytest.raises(Invalid, match="too early"):
        inflate(gzip.compress(b"whole") + gzip.compress(b"cut")[:-1], "gzip", LIMIT)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_stops_at_the_limit(encoding: str) -> None:
    """64 MiB of zeros in 64 kB: no more than the limit and three steps are ever held."""
    body = (gzip.compress if encoding == "gzip" else zlib.compress)(bytes(64 << 20), 9)
    limit = 4 << 20
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            inflate(body, encoding, limit)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < limit + 3 * STEP


def test_a_bomb_of_empty_members_is_refused() -> None:
    nothing = gzip.compress(b"")
    assert inflate(nothing * MAX_MEMBERS, "gzip", LIMIT) == b""
    with pytest.raises(Invalid, match="members"):
        inflate(nothing * (MAX_MEMBERS + 1), "gzip", LIMIT)
