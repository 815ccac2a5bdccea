"""`otelgres key`: keys of senders and scripts, on the database of the settings."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from access.keys.wish import KeyWish

app = typer.Typer(help="Keys of senders and scripts.", no_args_is_help=True)
MOST_LISTED = 10_000

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What it is for; unique among keys that are not revoked.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="traces, logs, metrics: may be sent. read, write: the API as viewer, editor. Repeatable."),
    ] = None,
    service: Annotated[
        list[str] | None, typer.Option(help="The only service name that may come by it. Repeatable; default: all.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="Days until it opens nothing any more, as 90d, or a moment by ISO 8601.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it; it is not to be had again. Without a scope it is for all that is sent."""
    from access.keys.keeping import NameTaken, TooMany
    from access.keys.keeping import create as make
    from server.command_actor import by_command_line
    from server.errors import OtelgresError
    from server.on_database import on_database
    from server.settings import Settings

    wish = _wish(name, scope or ["traces", "logs", "metrics"], service, expires)

    async def made(connection: Any) -> tuple[dict[str, Any], str]:
        async with connection.transaction():
            return await make(connection, wish, by_command_line())

    try:
        row, text = on_database(Settings.load(), made)
    except NameTaken:
        raise OtelgresError(f"there is a key {name!r} already: choose another name, or revoke it first") from None
    except TooMany:
        raise OtelgresError("there are too many keys: revoke some that nobody uses") from None
    if as_json:
        print(json.dumps({**row, "key": text}, default=_as_text))
    else:
        print(text)


@app.command(name="list")
def list_keys(
    revoked: Annotated[bool, typer.Option("--revoked", help="Those that are revoked too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List keys, the newest first; what opens is not kept and cannot be shown."""
    from access.keys.keeping import page
    from server.on_database import on_database
    from server.settings import Settings

    rows = on_database(
        Settings.load(), lambda connection: page(connection, revoked=revoked, after=None, limit=MOST_LISTED)
    )
    if as_json:
        print(json.dumps(rows, default=_as_text))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "name", "opens", "services", "created", "expires", "last used", "revoked")
    for row in rows:
        times = (row["created_at"], row["expires_at"], row["last_used_at"], row["revoked_at"])
        services = "all" if row["services"] is None else ", ".join(row["services"])
        shown = (row["id"], row["name"], ", ".join(row["scopes"]), services, *map(_shown, times))
        table.add_row(*map(Text, shown))
    Console().print(table)


@app.command()
def revoke(key: Annotated[str, typer.Argument(help="Its id or its name.")]) -> None:
    """Have a key open nothing any more, from the next second on."""
    from access.keys import keeping
    from server.command_actor import by_command_line
    from server.errors import OtelgresError
    from server.on_database import on_database
    from server.settings import Settings

    async def revoked(connection: Any) -> dict[str, Any] | None:
        async with connection.transaction():
            id_ = await keeping.named(connection, key)
            return None if id_ is None else await keeping.revoke(connection, id_, by_command_line())

    row = on_database(Settings.load(), revoked)
    if row is None:
        raise OtelgresError(f"there is no key {key!r} that is not revoked: `otelgres key list` shows all")
    print(f"revoked: {row['id']} {row['name']}")


def _wish(name: str, scopes: list[str], services: list[str] | None, expires: str | None) -> "KeyWish":
    from pydantic import ValidationError

    from access.keys.wish import KeyWish
    from server.errors import OtelgresError

    try:
        return KeyWish.model_validate(
            {"name": name, "scopes": scopes, "services": services or None, "expires_at": _moment(expires)}
        )
    except ValidationError as error:
        mistake = error.errors(include_url=False, include_input=False)[0]
        place = str(mistake["loc"][0]) if mistake["loc"] else "key"
        raise OtelgresError(f"{place}: {mistake['msg'].removeprefix('Value error, ')}") from None


def _moment(expires: str | None) -> datetime | str | None:
    if expires is not None and expires.endswith("d") and expires[:-1].isdecimal() and len(expires) < 6:
        return datetime.now(UTC) + timedelta(days=int(expires[:-1]))
    return expires


def _shown(time: datetime | None) -> str:
    return "" if time is None else f"{time:%Y-%m-%d %H:%M}"


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
