"""Every block of the documentation is run by a test, or says why not."""

import pytest

from tests.docs.blocks import LANGUAGES, WITHOUT_VALUE, Block, blocks

BLOCKS = blocks()


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_run_or_says_why_not(block: Block) -> None:
    assert block.language, "a block needs a language; four spaces make one without"
    assert bool(block.value) == (block.mark not in WITHOUT_VALUE | {"run"})
    match block.mark:
        case "run":
            assert block.language in LANGUAGES
        case "sends":
            assert block.language in ("bash", "python", "js")
        case "search":
            assert block.value in ("logs", "spans", "traces")
            assert block.language == "text"
        case "browser":
            assert block.language == "js"
        case "prepares":
            assert block.language == "sql"
        case "step":
            assert (block.page, block.language) == ("backup.md", "bash")


def test_more_is_run_than_is_not() -> None:
    """It cannot come to that unseen that hardly anything is run."""
    run = [block for block in BLOCKS if block.mark not in ("not run", "output", "file")]
    assert len(run) > sum(block.mark == "not run" for block in BLOCKS)
