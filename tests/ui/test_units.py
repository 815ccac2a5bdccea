"""The pages' own tests of what needs no browser, and the types that they know the API by."""

from tests.ui.api_types import TYPES, generated
from tests.ui.node import node


def test_the_parts_that_need_no_browser() -> None:
    done = node("vitest/vitest.mjs", "run", "--reporter=dot")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_types_are_those_of_the_api() -> None:
    assert TYPES.read_text() == generated(), "run python -m tests.ui.api_types"
