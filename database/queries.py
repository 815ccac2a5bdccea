"""Named queries: one .sql file each, in the folder sql/ beside the modules that run them."""

from collections.abc import Iterator, Mapping
from importlib import resources


class Queries(Mapping[str, str]):
    """The texts of a package's queries by name. An unknown name is a KeyError that names the missing file."""

    def __init__(self, package: str, texts: dict[str, str]) -> None:
        self._package = package
        self._texts = texts

    def __getitem__(self, name: str) -> str:
        try:
            return self._texts[name]
        except KeyError:
            raise KeyError(f"{self._package}/sql/{name}.sql") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def load(package: str) -> Queries:
    """Reads every file of the package's folder sql/."""
    folder = resources.files(package) / "sql"
    texts = {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".sql")
    }
    return Queries(package, texts)
