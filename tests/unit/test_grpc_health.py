"""Health as a watcher of it is told, whenever the end comes."""

import asyncio
from unittest.mock import Mock

import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from receiver.grpc_health import Health

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING
UNKNOWN = HealthCheckResponse.SERVICE_UNKNOWN


@pytest.mark.parametrize("service", ["", "known"])
async def test_the_end_is_told_though_it_comes_while_the_first_answer_is_sent(service: str) -> None:
    health = Health(["known"])
    watch = aiter(health.Watch(HealthCheckRequest(service=service), Mock()))
    assert (await anext(watch)).status == SERVING
    health.stop()
    assert (await anext(watch)).status == NOT_SERVING
    assert await anext(watch, None) is None


async def test_the_end_is_told_to_who_waits_for_it() -> None:
    health = Health([])
    watch = aiter(health.Watch(HealthCheckRequest(), Mock()))
    await anext(watch)
    told = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0)
    health.stop()
    assert (await told).status == NOT_SERVING


@pytest.mark.parametrize(("service", "told"), [("", NOT_SERVING), ("other", UNKNOWN)])
async def test_who_comes_after_the_end_is_told_once(service: str, told: int) -> None:
    health = Health([])
    health.stop()
    assert [each.status async for each in health.Watch(HealthCheckRequest(service=service), Mock())] == [told]
