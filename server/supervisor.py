"""`otelgres serve`: database, receivers and API, started in order, kept alive, stopped in order."""

import asyncio
import logging
import os
import shutil
import signal
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg

from alerting.measuring import sql_login
from server import database_check, first_steps, lifeline, metrics_sockets, schema, tls
from server.access import check_exposure, is_readable_on_the_way
from server.attribute_rules import rules_of
from server.banner import banner
from server.children import Child
from server.embedded.keeper import KeptPostgres
from server.errors import OtelgresError, SettingsError
from server.ports import claimed
from server.process_roles import Role
from server.runtime_dir import runtime_directory
from server.settings import Settings, variable
from server.spool_places import EMBEDDED_VARIABLE, warn_of_others

logger = logging.getLogger(__name__)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
REPLACE_SIGNAL = signal.SIGUSR2
API = "API"
API_GRACE_SECONDS = 10.0
RECEIVER_GRACE_SECONDS = 30.0


class Supervisor:
    """One run of `otelgres serve`."""

    def __init__(self, settings: Settings, role: Role) -> None:
        self._settings = settings
        self._role = role
        self._children: list[Child] = []
        self._replacing = asyncio.Event()

    async def run(self) -> None:
        """Serve until SIGINT, SIGTERM or SIGHUP, then shut down in order; a second one kills the children.

        SIGUSR2 replaces the receivers, one after another.
        """
        check_exposure(self._settings)
        if is_readable_on_the_way(self._settings):
            logger.warning("passwords and keys can be read on the way: set OTELGRES_TLS_CERT and OTELGRES_TLS_KEY")
        tls.check(self._settings)
        if self._role.runs_receivers:
            rules_of(self._settings)
        if self._role is not Role.ALL and self._settings.dsn is None:
            raise SettingsError(f"--role {self._role} needs OTELGRES_DSN, the database that all machines share")
        lifeline.hold()
        work = asyncio.ensure_future(self._serve())
        stopping = False

        def on_signal(received: signal.Signals) -> None:
            nonlocal stopping
            if stopping:
                for child in self._children:
                    child.kill()
            else:
                logger.info("%s: shutting down", received.name)
                stopping = True
                work.cancel()

        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, on_signal, number)
        loop.add_signal_handler(REPLACE_SIGNAL, self._replacing.set)
        try:
            await work
        except asyncio.CancelledError:
            if not stopping:
                raise

    async def _serve(self) -> None:
        settings = self._settings
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(claimed(settings.host, _ports(settings, self._role)))
            keepers = []
            if settings.dsn is None:
                postgres = KeptPostgres(settings.data_dir, port=settings.embedded_port)
                stack.push_async_callback(postgres.stop)
                dsn = await postgres.start()
                keepers.append(postgres.keep)
            else:
                dsn = settings.dsn.get_secret_value()
                await database_check.check(dsn)
            await schema.start(dsn)
            logins = await _logins(settings, dsn)
            if self._role.runs_receivers:
                warn_of_others(settings, dsn)

            parent_fd, our_end = os.pipe()
            stack.callback(os.close, our_end)
            stack.callback(os.close, parent_fd)
            metrics = metrics_directory(settings, self._role)
            stack.callback(shutil.rmtree, metrics, ignore_errors=True)
            self._children = _children(settings, self._role, dsn, parent_fd, metrics, logins)
            stack.push_async_callback(_stop, self._children)
            await _start(self._children)
            keepers += [child.keep for child in self._children]

            missing = await first_steps.missing(settings, self._role, dsn)
            print(banner(settings, self._role, dsn, missing), flush=True)
            lifeline.announce_ready()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._replace_receivers())
                for keep in keepers:
                    group.create_task(keep())

    async def _replace_receivers(self) -> None:
        """At each signal: one after another a successor starts, and then its predecessor ends."""
        while True:
            await self._replacing.wait()
            self._replacing.clear()
            logger.info("%s: replacing the receivers", REPLACE_SIGNAL.name)
            try:
                for child in self._children:
                    if child.name != API:
                        await child.replace(grace=RECEIVER_GRACE_SECONDS)
            except (OtelgresError, OSError) as error:
                logger.error("not all receivers were replaced: %s", error)
            else:
                logger.info("all receivers are replaced")


def _ports(settings: Settings, role: Role) -> dict[str, int]:
    fields = ["port"] if role.runs_api else []
    if role.runs_receivers:
        fields += ["otlp_grpc_port", "otlp_http_port"]
    return {variable(field): getattr(settings, field) for field in fields}


def metrics_directory(settings: Settings, role: Role) -> Path:
    """Where the receivers offer their metrics. The lock on its port makes it ours alone."""
    port = settings.port if role.runs_api else settings.otlp_grpc_port
    directory = runtime_directory() / f"metrics-{port}"
    metrics_sockets.prepare(directory)
    return directory


async def _logins(settings: Settings, dsn: str) -> dict[str, str]:
    """What the API is told besides: the login of custom_sql, which is ours to make where the database is ours."""
    if settings.dsn is not None or settings.alert_sql_dsn is not None:
        return {}
    try:
        return {variable("alert_sql_dsn"): await sql_login.set_up(dsn)}
    except (OSError, asyncpg.PostgresError) as error:
        logger.error("alert rules cannot use custom_sql: %s", error)
        return {}


def _children(
    settings: Settings, role: Role, dsn: str, parent_fd: int, metrics: Path, logins: Mapping[str, str]
) -> list[Child]:
    """logins: further variables of the API's environment."""
    environment = os.environ | {"OTELGRES_DSN": dsn, metrics_sockets.DIRECTORY_VARIABLE: str(metrics)}
    if settings.dsn is None:
        environment[EMBEDDED_VARIABLE] = str(settings.data_dir)
    children = [Child(API, "server.api", environment | dict(logins), parent_fd)] if role.runs_api else []
    if role.runs_receivers:
        children += [
            Child(
                f"receiver {number}",
                "server.worker",
                environment | {metrics_sockets.WORKER_VARIABLE: str(number)},
                parent_fd,
            )
            for number in range(1, settings.worker_count + 1)
        ]
    return children


async def _start(children: Sequence[Child]) -> None:
    outcomes = await asyncio.gather(*(child.start() for child in children), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def _stop(children: Sequence[Child]) -> None:
    def grace(child: Child) -> float:
        return API_GRACE_SECONDS if child.name == API else RECEIVER_GRACE_SECONDS

    await asyncio.gather(*(child.stop(grace=grace(child)) for child in children))
