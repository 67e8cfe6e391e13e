"""daphne, made fit for uploads and for stopping.

As shipped it parses multipart bodies in memory before Django sees them, has no size limit, writes
large bodies to a temporary file in the clear, and cuts requests off when it is told to stop. Source
of each remedy: docs/decisions/0001.
"""

from __future__ import annotations

import asyncio
import io
import signal
from typing import Any

import daphne.server  # first: it installs the asyncio reactor
from daphne import http_protocol, ws_protocol
from daphne.endpoints import build_endpoint_description_strings
from django.conf import settings
from twisted.internet import reactor

DRAIN_SECONDS = 20
GOING_AWAY = 4001  # autobahn sends no 1001
TOO_LARGE = (
    b"HTTP/1.1 413 Content Too Large\r\nContent-Type: application/problem+json\r\nConnection: close\r\n"
    b"Content-Length: 113\r\n\r\n"
    b'{"type":"about:blank","title":"The body is too large","status":413,"code":"media_too_large","request_id":""}     '
)


class LeanRequest(http_protocol.WebRequest):
    """A request whose body is not parsed here, stays in memory, and is bounded."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("parsePOSTFormSubmission", False)
        super().__init__(*args, **kwargs)
        self._seen, self._rejected = 0, False
        self._limit = settings.MAX_UPLOAD_BYTES + settings.MAX_BODY_BYTES

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        super().gotLength(length)
        self.content = io.BytesIO()  # Twisted would take a temporary file for anything large
        if length is not None and length > self._limit:
            self._reject()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self._seen += len(data)
        if not self._rejected and self._seen > self._limit:
            self._reject()
        if not self._rejected:
            super().handleContentChunk(data)

    def _reject(self) -> None:
        self._rejected = True
        self.channel.transport.write(TOO_LARGE)
        self.channel.loseConnection()


class DrainingServer(daphne.server.Server):
    """Remembers its ports, so that it can stop listening and let running requests end."""

    ports: list[Any]
    connections: dict[Any, dict[str, Any]]

    def listen_success(self, port: Any) -> None:
        self.ports = [*getattr(self, "ports", []), port]
        super().listen_success(port)

    async def drain(self) -> None:
        for port in getattr(self, "ports", []):
            port.stopListening()
        for protocol in list(self.connections):
            if isinstance(protocol, ws_protocol.WebSocketProtocol):
                protocol.serverClose(code=GOING_AWAY)
        for _ in range(DRAIN_SECONDS * 20):
            if not any(self._is_running(details) for details in self.connections.values()):
                break
            await asyncio.sleep(0.05)
        # Connections that never reached the application have no instance for daphne to end.
        self.connections = {
            protocol: details
            for protocol, details in self.connections.items()
            if details.get("application_instance") is not None
        }
        reactor.stop()  # type: ignore[misc]

    @staticmethod
    def _is_running(details: dict[str, Any]) -> bool:
        instance = details.get("application_instance")
        return instance is not None and not instance.done()


def run(application: Any, *, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT, then drains."""
    http_protocol.WebRequest = LeanRequest  # looked up when a connection is made
    server = DrainingServer(
        application=application,
        endpoints=build_endpoint_description_strings(host=host, port=port),
        signal_handlers=False,
        http_timeout=None,
        request_buffer_size=1 << 20,
        server_name="",
    )
    loop = reactor._asyncioEventloop  # type: ignore[attr-defined]  # daphne made it; no public name leads there
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: loop.create_task(server.drain()))
    server.run()
