"""`otelgres retention`: what is kept, pins, rules and deletions, on the database of the settings."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer

app = typer.Typer(help="What is kept how long.", invoke_without_command=True)
rule = typer.Typer(help="Rules that let services or levels go before the rest.", no_args_is_help=True)
app.add_typer(rule, name="rule")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
TraceId = Annotated[str, typer.Argument(help="The trace's id.")]


@app.callback()
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what is kept of each signal, what goes next, and how the last run went."""
    if context.invoked_subcommand is not None:
        return
    from query_api.retention.models import RetentionState
    from query_api.retention.state import Kept, state
    from server.settings import Settings

    settings = Settings.load()
    kept = Kept(settings.days_of_signals, settings.retention_size)
    found = RetentionState(**_on_database(lambda connection: state(connection, kept)))
    if as_json:
        print(found.model_dump_json())
        return
    from server.retention_words import lines

    print("\n".join(lines(found)))


@app.command()
def pin(trace_id: TraceId, why: Annotated[str, typer.Option(help="Why it is to stay; others will read it.")]) -> None:
    """Keep a trace with its spans and logs beyond its time."""
    from query_api.retention import pins
    from query_api.retention.models import NewPin
    from server.command_actor import by_command_line
    from server.errors import OtelgresError

    reason = _valid(lambda: NewPin(why=why)).why
    try:
        row = _on_database(lambda connection: pins.pin(connection, trace_id, reason, by_command_line()))
    except pins.UnknownTrace:
        raise OtelgresError(f"there is no trace {trace_id}") from None
    except pins.TooMuch:
        raise OtelgresError("too much is pinned already: unpin something first") from None
    print(f"pinned: {row['trace_id']}, {row['rows']} spans and logs")


@app.command()
def unpin(trace_id: TraceId) -> None:
    """Let a trace go with its time."""
    from query_api.retention import pins
    from server.command_actor import by_command_line
    from server.errors import OtelgresError

    if _on_database(lambda connection: pins.unpin(connection, trace_id, by_command_line())) is None:
        raise OtelgresError(f"trace {trace_id} is not pinned: `otelgres retention pins` shows all that are")
    print(f"unpinned: {trace_id}")


@app.command(name="pins")
def list_pins(as_json: AsJson = False) -> None:
    """List pinned traces, the newest first."""
    from query_api.retention.pins import pins

    for row in _on_database(pins):
        if as_json:
            print(json.dumps(row, default=_as_text))
        else:
            print(f"{row['trace_id']}  {row['pinned_at']:%Y-%m-%d}  {row['pinned_by']}  {row['why']}")


@rule.command(name="list")
def list_rules() -> None:
    """List the rules, one as JSON a line."""
    from query_api.retention.rules import rules

    for row in _on_database(rules):
        print(json.dumps(row, default=_as_text))


@rule.command()
def add(
    days: Annotated[int, typer.Option(min=1, max=3650, help="Days that such rows are kept.")],
    signal: Annotated[str, typer.Option(help="logs or spans.")] = "logs",
    service: Annotated[str | None, typer.Option(help="The service; default: any.")] = None,
    level: Annotated[str | None, typer.Option(help="The level of logs, as DEBUG; default: any.")] = None,
) -> None:
    """Let a service or a level go earlier than the rest of its signal."""
    from query_api.retention import rules
    from query_api.retention.models import NewRetentionRule
    from server.command_actor import by_command_line
    from server.errors import OtelgresError

    given = {"signal": signal, "service": service, "level": level, "keep_days": days}
    wish = _valid(lambda: NewRetentionRule.model_validate(given))
    try:
        row = _on_database(lambda connection: rules.add(connection, wish, by_command_line()))
    except rules.RuleExists:
        raise OtelgresError("there is a rule for this already: remove it first") from None
    except rules.TooMany:
        raise OtelgresError("there are too many rules: remove some first") from None
    print(f"added: rule {row['id']}")


@rule.command()
def remove(id_: Annotated[int, typer.Argument(metavar="ID", help="The rule's id.")]) -> None:
    """Remove a rule; what it let go is gone."""
    from query_api.retention import rules
    from server.command_actor import by_command_line
    from server.errors import OtelgresError

    if _on_database(lambda connection: rules.remove(connection, id_, by_command_line())) is None:
        raise OtelgresError(f"there is no rule {id_}: `otelgres retention rule list` shows all")
    print(f"removed: rule {id_}")


@app.command()
def delete(
    user_email: Annotated[str | None, typer.Option(help="Of this person.")] = None,
    session_id: Annotated[str | None, typer.Option(help="Of this session.")] = None,
    attribute: Annotated[str | None, typer.Option(help="With this attribute, as customer.id=4711.")] = None,
    service: Annotated[str | None, typer.Option(help="Of this service.")] = None,
    since: Annotated[str | None, typer.Option(help="From this moment on, by ISO 8601 with its time zone.")] = None,
    until: Annotated[str | None, typer.Option(help="Before this moment.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delete it; without this it is only counted.")] = False,
) -> None:
    """Count, and with --yes delete, all telemetry that is all of what is given: a person's data for instance."""
    from query_api.retention.models import Sought
    from server.retention_deleting import delete as carry_out

    key, equals, value = (attribute or "").partition("=")
    given = {
        "user_email": user_email,
        "session_id": session_id,
        "attribute": {"key": key, "value": value if equals else None} if attribute is not None else None,
        "service": service,
        "since": since,
        "until": until,
    }
    sought = _valid(lambda: Sought.model_validate(given))
    for line in _on_database(lambda connection: carry_out(connection, sought, yes=yes), in_transaction=False):
        print(line)


def _on_database(work: Callable[[Any], Any], *, in_transaction: bool = True) -> Any:
    from server.on_database import on_database
    from server.settings import Settings

    async def done(connection: Any) -> Any:
        if not in_transaction:
            return await work(connection)
        async with connection.transaction():
            return await work(connection)

    return on_database(Settings.load(), done)


def _valid(made: Callable[[], Any]) -> Any:
    from pydantic import ValidationError

    from server.errors import OtelgresError

    try:
        return made()
    except ValidationError as error:
        mistake = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, mistake["loc"]))
        raise OtelgresError(f"{place}: {mistake['msg']}".removeprefix(": ").replace("Value error, ", "")) from None


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
