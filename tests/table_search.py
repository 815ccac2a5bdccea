"""Where a text stands in the database, wherever that is."""

from base64 import b64encode

from tests import rows

TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'enterprise'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""


async def tables_with(dsn: str, text: str) -> set[str]:
    """The tables that hold the text, or its bytes in hex or base64."""
    forms = [text, text.encode().hex(), b64encode(text.encode()).decode().rstrip("=")]
    found = set()
    for row in await rows.fetch(dsn, TABLES):
        name = row["relname"]
        query = f'SELECT count(*) FROM enterprise."{name}" AS each WHERE each::text LIKE ANY ($1)'
        if await rows.value(dsn, query, [f"%{form}%" for form in forms]):
            found.add(name)
    return found
