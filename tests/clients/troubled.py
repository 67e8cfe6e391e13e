"""A server that answers as a test tells it: refusals, silence, connections that break. The last answer is repeated."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Say:
    """`promised`: how many bytes more the header names than are sent before the connection breaks."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    promised: int = 0

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


DROP = Say(status=0)  # the connection is closed without a word


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes


def problem(status: int, code: str, **more: Any) -> Say:
    headers = {"Content-Type": "application/problem+json", **more.pop("headers", {})}
    return Say(status, {"status": status, "code": code, "detail": f"It is {code}.", **more}, headers)


def stream(*events: dict[str, Any], promised: int = 0) -> Say:
    lines = [f"id: {event['sequence']}\ndata: {json.dumps(event)}\n\n" for event in events]
    body = (": still here\n\n" + "".join(lines)).encode()
    return Say(200, body, {"Content-Type": "text/event-stream"}, promised=promised)


class Troubled:
    def __init__(self, *answers: Say) -> None:
        self._answers, self.asked, self._lock = list(answers), [], threading.Lock()
        self.asked: list[Asked]

    def __enter__(self) -> Self:
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def take(self, asked: Asked) -> Say:
        with self._lock:
            self.asked.append(asked)
            return self._answers[min(len(self.asked), len(self._answers)) - 1]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, troubled: Troubled) -> None:
        self.troubled = troubled
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: object) -> None:
        """Clients that hang up are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        say = self.server.troubled.take(Asked(self.command, self.path, headers, self._read(headers)))
        threading.Event().wait(say.after)
        if say is DROP:
            return self._hang_up()
        self.send_response(say.status)
        length = str(len(say.content) + say.promised)
        for name, value in {"Content-Type": "application/json", **say.headers, "Content-Length": length}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(say.content)
        if say.promised:
            self._hang_up()

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def _read(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        return
