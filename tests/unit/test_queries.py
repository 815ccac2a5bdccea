"""Every .sql file is run by the code beside it, and every query the code names is a file."""

import importlib
import re
from pathlib import Path

import pytest

from database import queries

ROOT = Path(queries.__file__).parents[1]
FOLDERS = sorted(
    path
    for where in ("*/sql", "access/*/sql", "alerting/*/sql", "query_api/*/sql", "server/*/sql")
    for path in ROOT.glob(where)
    if path.is_dir()
)
NAMED = re.compile(r'"([a-z][a-z0-9_]*)"')
USED = re.compile(r'SQL\["([a-z0-9_]+)"\]')
ENDING = re.compile(r'SQL\[f"\{[^"]+\}(_[a-z0-9_]+)"\]')


def package_of(folder: Path) -> str:
    return ".".join(folder.parent.relative_to(ROOT).parts)


def code_of(folder: Path) -> str:
    """The modules that the queries are for; packages within that have queries of their own are left out."""
    others = [other.parent for other in FOLDERS if other.parent != folder.parent and folder.parent in other.parents]
    modules = (path for path in folder.parent.rglob("*.py") if not any(other in path.parents for other in others))
    return "\n".join(module.read_text() for module in modules)


@pytest.mark.parametrize("folder", FOLDERS, ids=package_of)
def test_every_file_is_named_by_a_module_beside_it(folder: Path) -> None:
    code = code_of(folder)
    named, endings = set(NAMED.findall(code)), tuple(ENDING.findall(code))
    assert [
        file.stem for file in folder.glob("*.sql") if file.stem not in named and not file.stem.endswith(endings)
    ] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=package_of)
def test_every_query_that_is_named_is_a_file(folder: Path) -> None:
    code = code_of(folder)
    assert set(USED.findall(code)) <= {file.stem for file in folder.glob("*.sql")}


@pytest.mark.parametrize("folder", FOLDERS, ids=package_of)
def test_a_loaded_query_is_the_text_of_its_file(folder: Path) -> None:
    package = importlib.import_module(package_of(folder)).__name__
    assert dict(queries.load(package)) == {file.stem: file.read_text() for file in folder.glob("*.sql")}


def test_an_unknown_name_says_which_file_is_missing() -> None:
    with pytest.raises(KeyError, match=r"database/sql/no_such_query\.sql"):
        queries.load("database")["no_such_query"]
