"""The page of settings holds their table as the code has it."""

from server.settings import markdown_table
from tests.docs.blocks import DOCS


def test_the_page_documents_exactly_the_settings() -> None:
    _, _, rest = (DOCS / "settings.md").read_text().partition("<!-- settings -->")
    table, end, _ = rest.partition("<!-- /settings -->")
    assert end, "docs/settings.md has no table between <!-- settings --> and <!-- /settings -->"
    assert table.strip() == markdown_table(), "put what `otelgres config --markdown` prints there"
