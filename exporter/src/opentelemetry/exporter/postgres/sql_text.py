"""The SQL of this package: one statement a file, named by its file."""

from importlib.resources import files


def sql(name: str) -> str:
    return (files(__package__) / "sql" / f"{name}.sql").read_text()
