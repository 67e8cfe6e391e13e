"""Listening for rings from other machines, on a real Redis."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
from redis.asyncio.client import PubSub

from extraction import doorbell_network
from tests.redis_server import find_redis, running_redis


@pytest.fixture
def on_redis(settings) -> Iterator[None]:
    binary = find_redis()
    if binary is None:
        pytest.skip("no Redis binary on this machine")
    with running_redis(binary) as redis:
        settings.REDIS_URL = redis.url
        yield


def listen(missed=lambda: None) -> asyncio.Task[None]:
    return asyncio.create_task(doorbell_network.hear("worker", heard=lambda _: None, missed=missed))


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("on_redis")
async def test_who_is_called_off_ends_even_where_the_connection_does_not_close(monkeypatch):
    """As on a busy machine, where Redis says goodbye too late for us: a server must still be able to stop."""
    close = PubSub.aclose

    async def late(bell: PubSub) -> None:
        await close(bell)
        raise TimeoutError

    monkeypatch.setattr(PubSub, "aclose", late)
    subscribed = asyncio.Event()
    listening = listen(missed=subscribed.set)
    await subscribed.wait()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening


@pytest.mark.timeout(60)
@pytest.mark.usefixtures("on_redis")
async def test_who_is_called_off_ends_even_where_redis_client_does_not_say_so(monkeypatch):
    """As in the moment in which it has sent something: `asyncio.wait_for` of Python 3.11 forgets a cancellation."""
    subscribe = PubSub.subscribe

    async def forget(bell: PubSub, *channels: str) -> None:
        await subscribe(bell, *channels)
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)

    monkeypatch.setattr(PubSub, "subscribe", forget)
    listening = listen()
    with pytest.raises(asyncio.CancelledError):
        await listening
