"""Rings from machine to machine, by Redis's publish and subscribe.

Whoever rings never waits: a thread of its own publishes. Whoever listens does so beside the socket of this machine,
and passes over what was rung here, which the socket has told already. While Redis is away rings wait, so many as there
is room for; and whoever has lost the connection wakes every waiter once when it is back, to look for itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread

import redis
from django.conf import settings
from redis.asyncio.client import PubSub

from accounts import redis_link

AT_ONCE = 500
AT_MOST = 10_000  # rings that wait for their thread; more are lost
ASK_AFTER = 10.0  # seconds of silence, after which Redis is asked whether it is still there
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
BOOT = Path("/proc/sys/kernel/random/boot_id")

_rings: SimpleQueue[tuple[str, str]] = SimpleQueue()
_starting = Lock()
_ringer: Thread | None = None


def ring(who: str, message: str) -> None:
    """Never blocks, never fails."""
    global _ringer
    if _rings.qsize() < AT_MOST:
        _rings.put((_channel(who), f"{_this_machine()} {message}"))
    with _starting:
        if _ringer is None or not _ringer.is_alive():  # the first ring, or the first after a fork
            _ringer = Thread(target=_publish_forever, name="doorbell", daemon=True)
            _ringer.start()


async def hear(who: str, *, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
    """`heard` for each message from elsewhere; `missed` whenever there may have been some that nobody heard."""
    pause = FIRST_PAUSE
    while True:
        try:
            async with redis_link.client().pubsub() as bell:
                await bell.subscribe(_channel(who))
                async for kind, message in _messages(bell):
                    if kind == "subscribe":
                        redis_link.outage.ended()
                        pause = FIRST_PAUSE
                        missed()
                    elif kind == "message":
                        machine, _, told = message.partition(" ")
                        if machine != _this_machine():
                            heard(told)
        except redis_link.TROUBLE as error:
            _end_if_called_off()
            redis_link.outage.met(error)
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311 (so that not all come back at once)
        pause = min(2 * pause, LONGEST_PAUSE)


async def _messages(bell: PubSub) -> AsyncIterator[tuple[str, str]]:
    """Raises TimeoutError where Redis does not answer any more, as when its machine was switched off."""
    asked = False
    while True:
        _end_if_called_off()
        told = await bell.get_message(timeout=ASK_AFTER)
        if told is not None:
            asked = False
            yield told["type"], told["data"].decode() if isinstance(told["data"], bytes) else ""
        elif asked:
            raise TimeoutError
        else:
            await bell.ping()
            asked = True


def _end_if_called_off() -> None:
    """Being called off may be lost in Redis' client: closing fails and raises that instead, and in Python 3.11
    `asyncio.wait_for`, by which it sends, forgets it where the sending ends at the same moment."""
    if (listening := asyncio.current_task()) is not None and listening.cancelling():
        raise asyncio.CancelledError


def _publish_forever() -> None:
    client = redis.Redis.from_url(settings.REDIS_URL, **redis_link.options())
    rings: dict[tuple[str, str], None] = {}  # the same ring twice is one
    while True:
        if not rings:
            rings[_rings.get()] = None
        while len(rings) < AT_MOST and not _rings.empty():
            rings[_rings.get()] = None
        some = list(rings)[:AT_ONCE]
        if redis_link.outage.may_try() and _publish(client, some):
            for ring_ in some:
                del rings[ring_]
        else:
            time.sleep(FIRST_PAUSE)


def _publish(client: redis.Redis, rings: list[tuple[str, str]]) -> bool:
    try:
        with client.pipeline(transaction=False) as pipeline:
            for channel, message in rings:
                pipeline.publish(channel, message)
            pipeline.execute()
    except redis_link.TROUBLE as error:
        redis_link.outage.met(error)
        return False
    redis_link.outage.ended()
    return True


def _channel(who: str) -> str:
    return f"{settings.REDIS_PREFIX}:bell:{who}"


def _this_machine() -> str:
    """Who shares DOORBELL_DIR, and no machine that has one of the same name."""
    settings.DOORBELL_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = settings.DOORBELL_DIR.stat()
    return _name(folder.st_dev, folder.st_ino)


@lru_cache(maxsize=8)
def _name(device: int, folder: int) -> str:
    boot = BOOT.read_text().strip() if BOOT.exists() else ""
    return hashlib.sha256(f"{socket.gethostname()} {boot} {device} {folder}".encode()).hexdigest()[:16]
