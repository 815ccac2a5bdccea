"""Arrays as text mean in PostgreSQL what they were."""

from typing import Any

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.exporter.postgres.array_text import array, texts, without_separators

from tests.conftest import run

TEXTS = st.lists(
    st.none() | st.sampled_from(["", "NULL", "\x01", "\x02", "{", '"', "a,b"]) | st.text(max_size=5), max_size=5
)


async def read(dsn: str, examples: list[list[str | None]]) -> list[Any]:
    connection = await asyncpg.connect(dsn)
    try:
        query = "SELECT trim_array(string_to_array($1, E'\\x01', E'\\x02'), 1)"
        return [await connection.fetchval(query, texts(example)) for example in examples]
    finally:
        await connection.close()


def test_texts_and_nulls_come_back(database: str) -> None:
    examples: list[list[str | None]] = [[""], [None], ["", ""]]

    @settings(max_examples=200, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(TEXTS)
    def collect(example: list[str | None]) -> None:
        if example:
            examples.append([text if text is None else text.replace("\0", "") for text in example])

    collect()
    expected = [[text if text is None else without_separators(text) for text in example] for example in examples]
    assert run(read(database, examples)) == expected


def test_an_array_of_numbers_and_words() -> None:
    assert array([1, -2.5, "NULL", True]) == "{1,-2.5,NULL,True}"
    assert array([]) == "{}"
