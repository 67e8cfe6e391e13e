"""Listening for rings from other machines, on a real Redis."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio.client import PubSub

from extraction import doorbell_network
from tests.redis_server import find_redis, running_redis


@pytest.mark.timeout(60)
async def test_who_is_called_off_ends_even_where_the_connection_does_not_close(settings, monkeypatch):
    """As on a busy machine, where Redis says goodbye too late for us: a server must still be able to stop."""
    binary = find_redis()
    if binary is None:
        pytest.skip("no Redis binary on this machine")
    close = PubSub.aclose

    async def late(bell: PubSub) -> None:
        await close(bell)
        raise TimeoutError

    monkeypatch.setattr(PubSub, "aclose", late)
    with running_redis(binary) as redis:
        settings.REDIS_URL = redis.url
        subscribed = asyncio.Event()
        hearing = doorbell_network.hear("worker", heard=lambda _: None, missed=subscribed.set)
        listening = asyncio.create_task(hearing)
        await subscribed.wait()
        listening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await listening
