"""grpc.health.v1: whether this receiver takes requests."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeAlias

import grpc
import grpc.aio
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthServicer

Context: TypeAlias = "grpc.aio.ServicerContext[HealthCheckRequest, HealthCheckResponse]"


class Health(HealthServicer):  # type: ignore[misc]
    """SERVING for the whole, which is the empty name, and for each service, until stop().

    The library's own servicer never ends a Watch, which would hold the server's stop up for all of its grace.
    """

    def __init__(self, services: Iterable[str]) -> None:
        self._services = frozenset(("", *services))
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """NOT_SERVING from now on."""
        self._stopping.set()

    async def Check(self, request: HealthCheckRequest, context: Context) -> HealthCheckResponse:
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
        return self._state(request)

    async def Watch(self, request: HealthCheckRequest, context: Context) -> AsyncIterator[HealthCheckResponse]:
        state = self._state(request)
        yield state
        # stop() may come while the first answer is sent: who was told SERVING is told the end in any case.
        await self._stopping.wait()
        if self._state(request) != state:
            yield self._state(request)

    def _state(self, request: HealthCheckRequest) -> HealthCheckResponse:
        if request.service not in self._services:
            return HealthCheckResponse(status=HealthCheckResponse.SERVICE_UNKNOWN)
        stopping = self._stopping.is_set()
        return HealthCheckResponse(status=HealthCheckResponse.NOT_SERVING if stopping else HealthCheckResponse.SERVING)
