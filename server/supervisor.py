"""`otelgres serve`: database, receivers and API, started in order, kept alive, stopped in order."""

import asyncio
import logging
import os
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack

from server import database_check, lifeline, schema
from server.access import check_exposure
from server.banner import banner
from server.children import Child
from server.embedded.keeper import KeptPostgres
from server.errors import SettingsError
from server.ports import claimed
from server.process_roles import Role
from server.settings import Settings, variable

logger = logging.getLogger(__name__)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
API_GRACE_SECONDS = 10.0
RECEIVER_GRACE_SECONDS = 30.0


class Supervisor:
    """One run of `otelgres serve`."""

    def __init__(self, settings: Settings, role: Role) -> None:
        self._settings = settings
        self._role = role
        self._children: list[Child] = []

    async def run(self) -> None:
        """Serve until SIGINT, SIGTERM or SIGHUP, then shut down in order; a second one kills the children."""
        check_exposure(self._settings)
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
            await schema.bring_up(dsn, settings.retention_days, settings.days_kept)

            parent_fd, our_end = os.pipe()
            stack.callback(os.close, our_end)
            stack.callback(os.close, parent_fd)
            self._children = _children(settings, self._role, dsn, parent_fd)
            stack.push_async_callback(_stop, self._children)
            await _start(self._children)
            keepers += [child.keep for child in self._children]

            print(banner(settings, self._role, dsn), flush=True)
            lifeline.announce_ready()
            async with asyncio.TaskGroup() as group:
                for keep in keepers:
                    group.create_task(keep())


def _ports(settings: Settings, role: Role) -> dict[str, int]:
    fields = ["port"] if role.runs_api else []
    if role.runs_receivers:
        fields += ["otlp_grpc_port", "otlp_http_port"]
    return {variable(field): getattr(settings, field) for field in fields}


def _children(settings: Settings, role: Role, dsn: str, parent_fd: int) -> list[Child]:
    environment = os.environ | {"OTELGRES_DSN": dsn}
    children = [Child("API", "server.api", environment, parent_fd)] if role.runs_api else []
    if role.runs_receivers:
        children += [
            Child(f"receiver {number}", "server.worker", environment, parent_fd)
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
        return API_GRACE_SECONDS if child.name == "API" else RECEIVER_GRACE_SECONDS

    await asyncio.gather(*(child.stop(grace=grace(child)) for child in children))
