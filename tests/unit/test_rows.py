"""Columns in binary COPY format, row ids and times."""

import json
import struct
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.postgres import rows
from opentelemetry.exporter.postgres.copy_row import PlainRow, Row

NS = st.integers(0, 2**64 - 1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(st.lists(NS, min_size=1, max_size=50))
def test_ids_are_unique_uuids_that_carry_their_rows_time(times: list[int]) -> None:
    ids = rows.RowIds()
    made = [(ns, uuid.UUID(bytes=bytes(ids.make(ns)))) for ns in times]
    assert len({each for _, each in made}) == len(times)
    for ns, each in made:
        assert (each.version, each.variant) == (7, uuid.RFC_4122)
        assert each.int >> 80 == ns // 1_000_000


def test_ids_of_later_times_are_greater() -> None:
    ids = rows.RowIds()
    start = 1_700_000_000 * 10**9
    made = [ids.make(start + step * 300) for step in range(10_000)]
    assert made == sorted(made)


FORKING = """
import os, sys
from opentelemetry.exporter.postgres.rows import RowIds
ids = RowIds()
child = os.fork()
os.write(sys.stdout.fileno(), bytes(ids.make(1)).hex().encode() + b" ")
if child and os.waitpid(child, 0)[1]:
    raise SystemExit("the child failed")
"""


def test_a_forked_process_makes_other_ids() -> None:
    """In a process of its own: this one may have threads, which must not be forked."""
    told = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=True).stdout
    ours, theirs = told.split()
    assert len(ours) == len(theirs) == 32
    assert ours != theirs


@given(st.lists(NS, min_size=1, max_size=20))
def test_times_are_iso_8601_to_the_nanosecond(times: list[int]) -> None:
    iso = rows.IsoTimes()
    for ns in times:
        text = iso.format(ns)
        second, digits = text.removesuffix("+00:00").split(".")
        at = datetime.fromisoformat(second + "+00:00")
        assert (at - EPOCH) // timedelta(seconds=1) == ns // 10**9
        assert len(digits) == (9 if ns % 1000 else 6)
        assert int(digits.ljust(9, "0")) == ns % 10**9


@pytest.mark.parametrize(
    ("column", "size"),
    [(rows.text(None), -1), (rows.text(""), 0), (rows.text("ü"), 2), (rows.field(b"abc"), 3), (rows.bigint(-1), 8)],
)
def test_columns_say_their_length(column: bytes, size: int) -> None:
    assert struct.unpack_from(">i", column) == (size,)
    assert len(column) == 4 + max(size, 0)


async def test_postgresql_reads_what_is_written(postgres_dsn: str) -> None:
    """Every kind of column through COPY, null and not."""
    connection = await asyncpg.connect(postgres_dsn)
    try:
        await connection.execute("CREATE TEMP TABLE t (id uuid, name text, tags jsonb, number bigint, at timestamptz)")
        ns = 1_700_000_000_123_456_789
        row_id = bytes(rows.RowIds().make(ns))
        at = rows.bigint(ns // 1000 - rows.PG_EPOCH)
        tags = {"a": [1, None, "ü\ufffd"], "b": {}}
        written = [
            (rows.field(row_id), rows.text("ü"), rows.jsonb(json.dumps(tags).encode()), rows.bigint(-(2**63)), at),
            (rows.NULL, rows.text(None), rows.NULL, rows.NULL, rows.NULL),
            (rows.NULL, rows.text(""), rows.jsonb(b"{}"), rows.bigint(0), rows.bigint(0)),
            (rows.NULL, rows.text("x" * 100_000), rows.EMPTY_ARRAY, rows.bigint(2**63 - 1), rows.NULL),
        ]
        body = b"".join(struct.pack(">h", 5) + b"".join(columns) for columns in written)

        async def source() -> AsyncIterator[bytes]:
            yield rows.HEADER + body + rows.TRAILER

        await connection.copy_to_table("t", source=source(), format="binary")
        stored = [tuple(row) for row in await connection.fetch("SELECT id, name, tags::text, number, at FROM t")]
        assert [(row[0] and row[0].bytes, *row[1:2], row[2] and json.loads(row[2]), *row[3:]) for row in stored] == [
            (row_id, "ü", tags, -(2**63), datetime(2023, 11, 14, 22, 13, 20, 123456, UTC)),
            (None, None, None, None, None),
            (None, "", {}, 0, datetime(2000, 1, 1, tzinfo=UTC)),
            (None, "x" * 100_000, [], 2**63 - 1, None),
        ]
    finally:
        await connection.close()


COLUMN = st.one_of(
    st.tuples(st.just("null")),
    st.tuples(st.just("smallint"), st.integers(-(2**15), 2**15 - 1)),
    st.tuples(st.just("integer"), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just("bigint"), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just("double"), st.floats()),
    st.tuples(st.just("uuid"), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)),
    st.tuples(st.just("text"), st.none() | st.text()),
    st.tuples(st.just("hex"), st.binary()),
    st.tuples(st.just("json"), st.binary()),
    st.tuples(st.just("encoded"), st.binary()),
    st.tuples(st.just("counts"), st.lists(st.binary(min_size=8, max_size=8), max_size=20).map(b"".join)),
)


@given(st.lists(st.lists(COLUMN, max_size=40), max_size=3))
def test_both_kinds_of_row_give_the_same_bytes(wanted: list[list[tuple[Any, ...]]]) -> None:
    plain, other = PlainRow(), Row()
    for columns in wanted:
        answers: list[list[Any]] = []
        for row in (plain, other):
            row.begin(len(columns))
            answered = [(name, getattr(row, name)(*values)) for name, *values in columns]
            answers.append([answer for name, answer in answered if name == "counts"])
        assert plain.take() == other.take()
        assert answers[0] == answers[1]
