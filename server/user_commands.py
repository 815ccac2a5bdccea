"""`otelgres user`: accounts of people, on the database of the settings."""

import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer

app = typer.Typer(help="Accounts of people.", no_args_is_help=True)
MOST_LISTED = 10_000

Email = Annotated[str, typer.Argument(help="E-mail address.", metavar="EMAIL")]
RoleName = Annotated[str, typer.Option(help="viewer, editor or admin.")]


@app.command()
def create(
    email: Email,
    role: RoleName = "viewer",
    no_password: Annotated[
        bool, typer.Option("--no-password", help="For whoever a provider or a proxy lets in.")
    ] = False,
) -> None:
    """Make an account. The password is asked for, or read from standard input."""
    from access.people import accounts

    password = None if no_password else _password()
    _changed(email, lambda connection, name, by: accounts.create(connection, name, _role(role), password, by=by))
    print(f"created: {email} as {role}")


@app.command(name="list")
def list_users() -> None:
    """List accounts."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from access.people import accounts
    from server.on_database import on_database
    from server.settings import Settings

    rows = on_database(Settings.load(), lambda connection: accounts.page(connection, "", MOST_LISTED))
    table = Table("e-mail", "role", "password", "created", "signed in", "disabled")
    for row in rows:
        times = (row["created_at"], row["signed_in_at"], row["disabled_at"])
        shown = ["" if time is None else time.isoformat(" ", "minutes") for time in times]
        table.add_row(*map(Text, (row["email"], row["role"], "yes" if row["has_password"] else "no", *shown)))
    Console().print(table)


@app.command()
def set_role(email: Email, role: Annotated[str, typer.Argument(help="viewer, editor or admin.")]) -> None:
    """Give an account another role, and end the person's sessions."""
    from access.people import accounts

    _changed(email, lambda connection, name, by: accounts.set_role(connection, name, _role(role), by=by))
    print(f"{role}: {email}")


@app.command()
def disable(email: Email) -> None:
    """Have an account open nothing any more, from now on."""
    from access.people import accounts

    _changed(email, lambda connection, name, by: accounts.set_disabled(connection, name, True, by=by))
    print(f"disabled: {email}")


@app.command()
def enable(email: Email) -> None:
    """Have an account that was disabled open again."""
    from access.people import accounts

    _changed(email, lambda connection, name, by: accounts.set_disabled(connection, name, False, by=by))
    print(f"enabled: {email}")


@app.command()
def set_password(email: Email) -> None:
    """Set a password, which is asked for or read from standard input, and end the person's sessions."""
    from access.people import accounts

    password = _password()
    _changed(email, lambda connection, name, by: accounts.set_password(connection, name, password, by=by))
    print(f"password set: {email}")


def _changed(email: str, change: Callable[[Any, str, Any], Awaitable[object]]) -> None:
    """Does it in one transaction; what cannot be done is one line."""
    from access.people.accounts import LastAdmin, Taken, Unknown, read_email
    from access.people.passwords import Unfit
    from server.command_actor import by_command_line
    from server.errors import OtelgresError
    from server.on_database import on_database
    from server.settings import Settings

    async def changed(connection: Any) -> None:
        async with connection.transaction():
            await change(connection, name, by_command_line())

    try:
        name = read_email(email)
    except ValueError as error:
        raise OtelgresError(f"{email!r} {error}") from None
    try:
        on_database(Settings.load(), changed)
    except Taken:
        raise OtelgresError(f"there is an account {name} already") from None
    except Unknown:
        raise OtelgresError(f"there is no account {name}: `otelgres user list` shows all") from None
    except (LastAdmin, Unfit) as error:
        raise OtelgresError(str(error)) from None


def _role(name: str) -> Any:
    from access.principals import Role
    from server.errors import OtelgresError

    try:
        return Role.named(name)
    except ValueError as error:
        raise OtelgresError(str(error)) from None


def _password() -> str:
    """Asked for twice on a terminal; elsewhere the first line of standard input. It never stands in the arguments,
    which other users of the machine can see."""
    if sys.stdin.isatty():
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\r\n")
