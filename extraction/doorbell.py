"""Wakes processes: "a job is waiting", "something happened to job X".

A ring may be lost, and nothing depends on it but speed: everybody who listens also looks at the
database now and then. Each listener owns a datagram socket in DOORBELL_DIR; ringing sends to all of
this machine, and to other machines where Redis carries it there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from django.conf import settings

from accounts import redis_link
from extraction import doorbell_network

WORKERS, WATCHERS = "worker", "watcher"


def ring(who: str, message: str = "") -> None:
    """Never blocks, never fails: a listener that is gone or full does not hear it."""
    for path in settings.DOORBELL_DIR.glob(f"{who}-*.sock"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
            try:
                sender.sendto(message.encode(), str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)  # its owner died without cleaning up
            except OSError:
                continue
    if redis_link.is_set():
        doorbell_network.ring(who, message)


class Listener:
    """One socket for this process; wakes whoever waits, by the message they wait for."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._afar: asyncio.Task[None] | None = None
        self._path: Path = settings.DOORBELL_DIR / f"{who}-{os.getpid()}-{secrets.token_hex(4)}.sock"
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_open(self) -> bool:
        """Open, and in the event loop that is running now."""
        return self._loop is asyncio.get_running_loop()

    def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(self._path))
        self._loop.add_reader(self._socket, self._hear)
        if redis_link.is_set():
            hearing = doorbell_network.hear(self._who, heard=self._wake, missed=self._wake_all)
            self._afar = self._loop.create_task(hearing)

    def close(self) -> None:
        if self._afar is not None and self._loop is not None and not self._loop.is_closed():
            self._afar.cancel()
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._socket)
        self._loop = None
        self._socket.close()
        self._path.unlink(missing_ok=True)

    @contextlib.asynccontextmanager
    async def waiting_for(self, message: str = "") -> AsyncIterator[asyncio.Event]:
        """An event that is set at each ring; enter before looking at the database, so that none is missed."""
        event = asyncio.Event()
        self._waiting.setdefault(message, set()).add(event)
        try:
            yield event
        finally:
            self._waiting[message].discard(event)
            if not self._waiting[message]:
                del self._waiting[message]

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._wake(self._socket.recv(256).decode())

    def _wake(self, message: str) -> None:
        for event in self._waiting.get(message, ()):
            event.set()

    def _wake_all(self) -> None:
        for message in self._waiting:
            self._wake(message)


async def wait(event: asyncio.Event, *, at_most: float) -> None:
    """Until it rings, or that many seconds; then the event is ready to be waited for again."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(at_most):
            await event.wait()
    event.clear()
