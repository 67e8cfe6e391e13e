"""A wire between the gateway and a provider, that can be made to hang: it accepts, and nothing passes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.server import free_port


class Wire:
    def __init__(self, target: str) -> None:
        told = urlsplit(target)
        self._there = told.hostname, told.port
        self._port = free_port()
        self.base_url = f"http://127.0.0.1:{self._port}{told.path}"
        self._loop = asyncio.new_event_loop()
        self._passing = asyncio.Event()
        self._passing.set()

    def hang(self) -> None:
        self._loop.call_soon_threadsafe(self._passing.clear)

    def pass_on(self) -> None:
        self._loop.call_soon_threadsafe(self._passing.set)

    @contextlib.contextmanager
    def running(self) -> Iterator[Wire]:
        thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        thread.start()
        opening = asyncio.start_server(self._connect, "127.0.0.1", self._port)
        server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(server.close)
            self._loop.call_soon_threadsafe(self._loop.stop)
            thread.join(10)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._there)
        await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                await self._passing.wait()
                sink.write(data)
                await sink.drain()
        sink.close()
